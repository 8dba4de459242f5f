"""Documents -> the criteria sets that the core computes with."""

from app.core.framework import Band, Framework, Node, Process
from app.core.rounding import to_scaled
from app.core.rules import Bands, Manual, Measured, Rule, Step
from app.core.types import ItemSource
from app.features.frameworks.schemas import (
    AreaDocument,
    BandsRule,
    CriterionDocument,
    FrameworkDocument,
    ManualRule,
    MeasureRule,
    NodeDocument,
    StepDocument,
)


def framework_of(document: FrameworkDocument) -> Framework:
    """A document (already of the right shape) -> framework."""
    return Framework(
        code=document.code,
        version=document.version,
        total_points=to_scaled(document.total_points),
        decimals=document.rounding.decimals,
        item_decimals=document.rounding.items,
        tie_method=document.ties.method,
        tie_keys=tuple(document.ties.keys),
        bands=tuple(Band(band.label_vi, band.from_) for band in document.bands),
        areas=tuple(_node(area) for area in document.areas),
        process=Process(**document.process.model_dump()) if document.process else Process(),
    )


def children_of(node: NodeDocument) -> list[NodeDocument]:
    """The nodes below a node."""
    match node:
        case AreaDocument():
            return list(node.criteria)
        case CriterionDocument():
            return list(node.sub_criteria)
        case _:
            return []


def _node(node: NodeDocument) -> Node:
    children = tuple(_node(child) for child in children_of(node))
    rule = None if children else _rule(node.rule)
    return Node(
        code=node.code,
        name_vi=node.name_vi,
        name_en=node.name_en,
        max_points=None if node.max_points is None else to_scaled(node.max_points),
        children=children,
        source=None if rule is None else node.source or _source(rule),
        rule=rule,
        reform_area=node.reform_area if isinstance(node, AreaDocument) else None,
        evidence_required=node.evidence_required,
    )


def _source(rule: Rule) -> ItemSource:
    return ItemSource.APPRAISAL if isinstance(rule, Manual) else ItemSource.STATISTIC


def _rule(rule: ManualRule | MeasureRule | BandsRule | None) -> Rule:
    match rule:
        case None:
            return Manual()
        case ManualRule(step=step):
            return Manual(None if step is None else to_scaled(step))
        case MeasureRule(rate=rate):
            return Measured(rate)
        case BandsRule(rate=rate, steps=steps):
            return Bands(rate, tuple(_step(step) for step in steps))


def _step(step: StepDocument) -> Step:
    if step.from_ is not None:
        return Step(step.from_, to_scaled(step.points))
    assert step.above is not None  # noqa: S101 - one end is set, by validation
    return Step(step.above, to_scaled(step.points), open_end=True)
