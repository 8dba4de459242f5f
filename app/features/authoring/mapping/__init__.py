"""Between the document of a criteria set and the tables of its workbook."""
