"""A ranking as SDMX-ML 3.0: observations, and the structure that they follow.

Nothing refers to another service. Observations carry dimensions and a value and nothing else, so that a
client which was not given the structure reads them right, too.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from html import escape
from typing import Any

from app.core.periods import parse_period
from app.features.rankings.mapping.figures import ALL_METRICS, Named, areas_of, cube_of, metrics_of, sums_of
from app.features.results.mapping import GroupResults
from app.infra.clock import VIETNAM
from app.infra.official.text import clean
from app.infra.tables.writing import number_text

_SCHEMAS = "http://www.sdmx.org/resources/sdmxml/schemas/v3_0"
_URN = "urn:sdmx:org.sdmx.infomodel"
_AGENCY = "PARINDEX"
_LOCAL = "RANKING"
"""What a message calls the structure; XML allows less in it than in codes."""
_TIME, _VALUE = "TIME_PERIOD", "OBS_VALUE"
_CONCEPTS: Mapping[str, str] = {
    "ROUND": "Kỳ chấm điểm",
    "UNIT": "Đơn vị",
    "AREA": "Lĩnh vực",
    "INDICATOR": "Chỉ tiêu",
    _TIME: "Kỳ đánh giá",
    _VALUE: "Giá trị",
}
_CODED = ("ROUND", "UNIT", "AREA", "INDICATOR")


def ranking_sdmx(results: GroupResults, body: Mapping[str, Any], decided_on: date | None) -> bytes:
    """The message with the observations; one without a value where there is no figure."""
    name = _Names(results)
    structure = name.urn("datastructure.DataStructure", name.key)
    namespace = f"{structure}:ObsLevelDim:AllDimensions"
    told = (
        f'<mes:Structure structureID="{_LOCAL}" namespace="{namespace}"'
        f' dimensionAtObservation="AllDimensions"><com:Structure>{structure}</com:Structure></mes:Structure>'
        "<mes:DataSetAction>Information</mes:DataSetAction>"
    )
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<mes:StructureSpecificData xmlns:mes="{_SCHEMAS}/message" xmlns:com="{_SCHEMAS}/common"'
            f' xmlns:ss="{_SCHEMAS}/data/structurespecific" xmlns:ns1="{namespace}"'
            ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">',
            _header(results, told, decided_on, _source(body)),
            f'<mes:DataSet ss:structureRef="{_LOCAL}" ss:dataScope="DataStructure" ss:action="Information"'
            ' xsi:type="ns1:DataSetType">',
            *_observations(results, body),
            "</mes:DataSet>",
            "</mes:StructureSpecificData>\n",
        ]
    ).encode()


def _observations(results: GroupResults, body: Mapping[str, Any]) -> Iterator[str]:
    cube, metrics = cube_of(results, body), metrics_of(body)
    values = iter(cube.values)
    head = f'<Obs ROUND="{_code(results.round.code)}"'
    period = f' {_TIME}="{sdmx_period(results.round.period)}"'
    for unit in cube.units:
        for area in cube.areas:
            for metric in metrics:
                value = next(values)
                said = "" if value is None else f' {_VALUE}="{number_text(value)}"'
                place = f' UNIT="{_code(unit.code)}" AREA="{_code(area.code)}" INDICATOR="{metric}"'
                yield f"{head}{place}{period}{said}/>"


def ranking_structure(results: GroupResults, body: Mapping[str, Any], decided_on: date | None) -> bytes:
    """The message with the structure: code lists with Vietnamese names, concepts, dimensions, the measure.
    But for its header it is the same whatever is asked of the ranking."""
    name = _Names(results)
    lists: dict[str, Sequence[Named]] = {
        "ROUND": [Named(results.round.code, results.round.title_vi)],
        "UNIT": sorted(Named(result.code, result.name_vi) for result in results.results),
        "AREA": [*sums_of(results), *areas_of(results)],
        "INDICATOR": [Named(*each) for each in ALL_METRICS.items()],
    }
    codelists = [
        name.item_scheme("Codelist", "Code", f"{name.key}_{each}", _CONCEPTS[each], codes)
        for each, codes in lists.items()
    ]
    concepts = name.item_scheme(
        "ConceptScheme", "Concept", name.key, "Khái niệm", [Named(*each) for each in _CONCEPTS.items()]
    )
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<mes:Structure xmlns:mes="{_SCHEMAS}/message" xmlns:str="{_SCHEMAS}/structure"'
            f' xmlns:com="{_SCHEMAS}/common">',
            _header(results, "", decided_on, _source(body)),
            "<mes:Structures>",
            f"<str:Codelists>{''.join(codelists)}</str:Codelists>",
            f"<str:ConceptSchemes>{concepts}</str:ConceptSchemes>",
            f"<str:DataStructures>{_data_structure(results, name)}</str:DataStructures>",
            "</mes:Structures>",
            "</mes:Structure>\n",
        ]
    ).encode()


class _Names:
    """What the parts of a structure are called. A changed round is another version of them."""

    def __init__(self, results: GroupResults) -> None:
        self.key = f"{_code(results.round.code)}_{_code(results.group.group_code)}"
        self.version = f"1.{results.round.revision}.0"

    def urn(self, kind: str, key: str) -> str:
        """The name of something that is maintained."""
        return f"{_URN}.{kind}={_AGENCY}:{key}({self.version})"

    def attributes(self, key: str) -> str:
        """How something that is maintained names itself."""
        return f'agencyID="{_AGENCY}" id="{key}" version="{self.version}"'

    def item_scheme(self, kind: str, item: str, key: str, title: str, items: Sequence[Named]) -> str:
        """A list of codes or concepts."""
        listed = "".join(
            f'<str:{item} id="{_code(each.code)}">{_name(each.name_vi)}</str:{item}>\n' for each in items
        )
        return f"<str:{kind} {self.attributes(key)}>{_name(title)}\n{listed}</str:{kind}>\n"

    def concept(self, concept: str) -> str:
        """The concept of a component."""
        scheme = self.urn("conceptscheme.Concept", self.key)
        return f"<str:ConceptIdentity>{scheme}.{concept}</str:ConceptIdentity>"


def _data_structure(results: GroupResults, name: _Names) -> str:
    dimensions = "".join(
        f'<str:Dimension id="{each}" position="{place}">{name.concept(each)}<str:LocalRepresentation>'
        f"<str:Enumeration>{name.urn('codelist.Codelist', f'{name.key}_{each}')}</str:Enumeration>"
        "</str:LocalRepresentation></str:Dimension>\n"
        for place, each in enumerate(_CODED, 1)
    )
    return (
        f"<str:DataStructure {name.attributes(name.key)}>{_name(results.round.title_vi)}\n"
        f'<str:DataStructureComponents><str:DimensionList id="DimensionDescriptor">\n{dimensions}'
        f'<str:TimeDimension id="{_TIME}">{name.concept(_TIME)}<str:LocalRepresentation>'
        '<str:TextFormat textType="ObservationalTimePeriod"/></str:LocalRepresentation></str:TimeDimension>\n'
        '</str:DimensionList><str:MeasureList id="MeasureDescriptor">'
        f'<str:Measure id="{_VALUE}" usage="optional">{name.concept(_VALUE)}<str:LocalRepresentation>'
        '<str:TextFormat textType="Decimal"/></str:LocalRepresentation></str:Measure></str:MeasureList>'
        "</str:DataStructureComponents></str:DataStructure>"
    )


def _header(results: GroupResults, structure: str, decided_on: date | None, source: str) -> str:
    """The same results are the same bytes: a message is as of its decision, or of the end of the period."""
    prepared = datetime.combine(decided_on or results.round.period_end, time(), VIETNAM)
    return (
        f"<mes:Header><mes:ID>{_Names(results).key}</mes:ID><mes:Test>false</mes:Test>"
        f"<mes:Prepared>{prepared.isoformat()}</mes:Prepared>"
        f'<mes:Sender id="{_AGENCY}"/>{structure}<mes:Source xml:lang="en">{source}</mes:Source></mes:Header>'
    )


def _source(body: Mapping[str, Any]) -> str:
    said = ("round", "group", "framework", "revision", "status")
    return escape("; ".join(f"{name} {body[name]}" for name in said))


def sdmx_period(text: str) -> str:
    """A period as SDMX writes it: half-years are semesters, other intervals a day and a duration."""
    if "/" not in text:
        return text.replace("-H", "-S")
    period = parse_period(text)
    return f"{period.start}/P{(period.end - period.start).days + 1}D"


def _code(text: str) -> str:
    """A code as SDMX allows it: it knows no dots, and our codes no @."""
    return text.replace(".", "@")


def _name(text: str) -> str:
    return f'<com:Name xml:lang="vi">{escape(clean(text))}</com:Name>'
