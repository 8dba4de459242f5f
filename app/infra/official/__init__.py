"""Official documents in the layout of Decree 30/2020/NĐ-CP, as Word documents and as workbooks."""
