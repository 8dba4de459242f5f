"""Documents -> the criteria sets that the core computes with."""

from decimal import Decimal

from app.core import law
from app.core.framework import Applies, Band, Caps, Framework, Node, Process
from app.core.rounding import to_scaled
from app.core.rules import (
    Bands,
    Binary,
    Bonus,
    Checklist,
    Choice,
    Complement,
    Computed,
    Condition,
    Conjunction,
    Deduction,
    Manual,
    MeanPerDossier,
    Measured,
    Options,
    Penalty,
    Proportional,
    Quotient,
    Rate,
    Rule,
    Step,
    Survey,
    Term,
    Tier,
    is_computed,
)
from app.core.rules.proportional import FULL
from app.core.types import ItemSource, NoData
from app.features.frameworks.rule_schemas import (
    BandsRule,
    BinaryRule,
    BonusRule,
    ChecklistRule,
    ChoiceDocument,
    ComplementRule,
    ComputedRule,
    ConditionDocument,
    ConjunctionRule,
    DeductionRule,
    ManualRule,
    MeanPerDossierRule,
    MeasureRule,
    OptionsRule,
    PenaltyRule,
    ProportionalRule,
    QuotientDocument,
    RuleDocument,
    StepDocument,
    SumDocument,
    SurveyRule,
)
from app.features.frameworks.schemas import (
    AreaDocument,
    CapsDocument,
    CriterionDocument,
    FrameworkDocument,
    LegalBasis,
    NodeDocument,
)


def framework_of(document: FrameworkDocument) -> Framework:
    """A document (already of the right shape) -> framework."""
    return Framework(
        code=document.code,
        version=document.version,
        total_points=_scaled(document.total_points),
        decimals=document.rounding.decimals,
        item_decimals=document.rounding.items,
        tie_method=document.ties.method,
        tie_keys=tuple(document.ties.keys),
        bands=tuple(Band(band.label_vi, band.from_) for band in document.bands),
        areas=tuple(_node(area) for area in document.areas),
        process=Process(**document.process.model_dump()) if document.process else Process(),
        caps=_caps(document.caps),
        legal_basis=_citations(document.legal_basis),
        level=document.level,
        status=document.status,
        applies=Applies(document.applies.from_, document.applies.to),
    )


def _caps(caps: CapsDocument | None) -> Caps:
    if caps is None:
        return Caps()
    return Caps(_scaled(caps.bonus), _scaled(caps.penalty))


def _citations(found: list[LegalBasis]) -> tuple[law.LegalBasis, ...]:
    return tuple(law.LegalBasis(**basis.model_dump()) for basis in found)


def _scaled(points: Decimal | None) -> int | None:
    return None if points is None else to_scaled(points)


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
    rule = None if children else rule_of(node.rule)
    return Node(
        code=node.code,
        name_vi=node.name_vi,
        name_en=node.name_en,
        max_points=_scaled(node.max_points),
        children=children,
        source=None if rule is None else node.source or _source(rule),
        rule=rule,
        reform_area=node.reform_area if isinstance(node, AreaDocument) else None,
        evidence_required=node.evidence_required or (isinstance(rule, Bonus) and not is_computed(rule)),
        on_no_data=getattr(node.rule, "on_no_data", NoData.MISSING),
        legal_basis=_citations(node.legal_basis),
        rule_basis=node.points_rule_basis,
        note_vi=node.note_vi,
        caps=_caps(node.caps) if isinstance(node, AreaDocument) else Caps(),
    )


def _source(rule: Rule) -> ItemSource:
    if not is_computed(rule):
        return ItemSource.APPRAISAL
    return ItemSource.SURVEY if isinstance(rule, Survey) else ItemSource.STATISTIC


def rule_of(rule: RuleDocument | None) -> Rule:
    """A rule as the document says it -> rule."""
    match rule:
        case None | ManualRule():
            return Manual(_scaled(rule.step) if rule else None)
        case BinaryRule():
            return Binary()
        case OptionsRule(options=options):
            return Options(tuple(_choice(option) for option in options))
        case ChecklistRule(parts=parts):
            return Checklist(tuple(_choice(part) for part in parts))
        case BonusRule() | PenaltyRule():
            return _extra(rule)
        case _:
            return _computed(rule)


def _extra(rule: BonusRule | PenaltyRule) -> Bonus | Penalty:
    kind = Bonus if isinstance(rule, BonusRule) else Penalty
    return kind(rule.figure, _scaled(rule.per_event))


def _computed(rule: ComputedRule) -> Computed:
    match rule:
        case MeasureRule() | BandsRule() | ProportionalRule() | ComplementRule():
            return _over_rates(rule)
        case ConjunctionRule(tiers=tiers):
            return Conjunction(
                tuple(
                    Tier(to_scaled(tier.points), tuple(map(_condition, tier.all)), tier.label_vi)
                    for tier in tiers
                )
            )
        case DeductionRule(figure=figure, per_event=per_event):
            return Deduction(figure, to_scaled(per_event))
        case MeanPerDossierRule(scores=scores):
            return MeanPerDossier(tuple((to_scaled(score.points), score.figure) for score in scores))
        case SurveyRule(answers=answers):
            said = tuple((answer.percent, answer.figure) for answer in answers)
            return Survey(said, tuple(answer.label_vi for answer in answers))


def _over_rates(rule: MeasureRule | BandsRule | ProportionalRule | ComplementRule) -> Computed:
    match rule:
        case MeasureRule(rate=rate):
            return Measured(_rate(rate))
        case BandsRule(rate=rate, steps=steps):
            return Bands(_rate(rate), tuple(_step(step) for step in steps))
        case ProportionalRule(rate=rate, full_at=full_at, floor=floor):
            return Proportional(_rate(rate), full_at or FULL, floor)
        case ComplementRule(rates=rates, full_at=full_at, floor=floor):
            return Complement(tuple(_rate(rate) for rate in rates), full_at or FULL, floor)


def _choice(choice: ChoiceDocument) -> Choice:
    return Choice(choice.label_vi, to_scaled(choice.points))


def _condition(condition: ConditionDocument) -> Condition:
    return Condition(
        rate=None if condition.rate is None else _rate(condition.rate),
        figure=condition.figure,
        at_least=condition.from_,
        above=condition.above,
        at_most=condition.to,
        below=condition.below,
    )


def _rate(rate: str | QuotientDocument) -> Rate:
    if isinstance(rate, str):
        return rate
    return Quotient(_terms(rate.numerator), _terms(rate.denominator))


def _terms(total: SumDocument) -> tuple[Term, ...]:
    return (*(Term(name) for name in total.plus), *(Term(name, -1) for name in total.minus))


def _step(step: StepDocument) -> Step:
    if step.from_ is not None:
        return Step(step.from_, to_scaled(step.points))
    assert step.above is not None  # noqa: S101 - one end is set, by validation
    return Step(step.above, to_scaled(step.points), open_end=True)
