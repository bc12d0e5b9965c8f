"""Shapes of moderation on the wire. Nothing here says who reported."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from nonet.core import ids, texts

Kind = Literal["video", "comment", "person", "message", "sound", "playlist"]
Action = Literal["keep", "cover", "uncover", "hide", "restore", "suspend", "reinstate"]
Code = Annotated[str, Field(max_length=40, pattern="^[a-z_]*$")]

Written = Annotated[str, Field(max_length=2000), AfterValidator(texts.plain)]
"""A text someone wrote, without control characters."""


class Rule(BaseModel):
    """What isn't wanted here."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    title: str
    sentence: str


class Category(BaseModel):
    """What someone can say is wrong; ``rule`` is the rule it leads to."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    sentence: str
    rule: str


class RuleList(BaseModel):
    """Every rule, and every category of a report."""

    items: list[Rule]
    categories: list[Category]


class ReportForm(BaseModel):
    """What is reported, what is wrong with it, and what else moderators should know."""

    kind: Kind
    id: ids.Id
    category: Code
    text: Written = ""


class AccountName(BaseModel):
    """An account by its handle."""

    id: ids.Id
    handle: str


class Case(BaseModel):
    """What moderators look at; ``owner`` is whose the subject is, None when they are gone.

    ``excerpt`` is what the subject said when it was first reported; a private message's stands in the case alone.
    """

    id: ids.Id
    kind: Kind
    subject_id: ids.Id
    owner: AccountName | None
    state: Literal["open", "decided"]
    priority: int
    reports: int
    excerpt: str
    claimed_by: AccountName | None
    claimed_until: datetime | None
    created_at: datetime
    decided_at: datetime | None


class Waiting(BaseModel):
    """How many cases and appeals nobody has decided."""

    model_config = ConfigDict(from_attributes=True)

    cases: int
    appeals: int


class CasePage(BaseModel):
    """Cases: the open by priority and then age, the decided newest first."""

    items: list[Case]
    next: str | None


class Report(BaseModel):
    """What someone said is wrong."""

    model_config = ConfigDict(from_attributes=True)

    category: str
    text: str
    created_at: datetime


class Ruling(BaseModel):
    """What a moderator decides; ``rule`` is a code of the list, ``statement`` the reason that both sides read."""

    action: Action
    rule: Code
    statement: Written


class Appeal(BaseModel):
    """An objection to a decision, and what another moderator answered."""

    model_config = ConfigDict(from_attributes=True)

    id: ids.Id
    state: Literal["open", "upheld", "overturned"]
    text: str
    statement: str
    created_at: datetime
    decided_at: datetime | None


class Decision(BaseModel):
    """What was decided and why; what it did holds until ``ended_at``."""

    id: ids.Id
    action: Action
    rule: Rule
    statement: str
    created_at: datetime
    ended_at: datetime | None
    appeal: Appeal | None


class CaseDecision(Decision):
    """A decision as moderators see it."""

    moderator: AccountName | None


class MyDecision(Decision):
    """A decision about a person or what is theirs, as they see it."""

    kind: Kind
    subject_id: ids.Id
    excerpt: str
    may_appeal: bool


class MyDecisionPage(BaseModel):
    """What was decided of a person, the newest first."""

    items: list[MyDecision]
    next: str | None


class AppealForm(BaseModel):
    """Why a decision is wrong."""

    text: Written


class AppealCase(Appeal):
    """An appeal as moderators see it; ``mine`` says that who asks made the decision, so another one decides."""

    case: Case
    decision: CaseDecision
    mine: bool


class AppealPage(BaseModel):
    """Appeals: the open by age, the decided newest first."""

    items: list[AppealCase]
    next: str | None


class AppealRuling(BaseModel):
    """Whether the decision stays, and the reason that both sides read."""

    uphold: bool
    statement: Written


class AuditEntry(BaseModel):
    """Who did or read what."""

    id: ids.Id
    actor: AccountName | None
    action: str
    kind: str
    subject_id: ids.Id
    details: dict[str, Any]
    created_at: datetime


class AuditQuery(BaseModel):
    """Which entries to list; an empty field doesn't narrow, and ``action`` may be a beginning, as ``case.``."""

    actor: Annotated[str, Field(max_length=100)] = ""
    action: Annotated[str, Field(max_length=40, pattern="^[a-z_.]*$")] = ""
    kind: Code = ""
    subject_id: ids.Id | None = None
    cursor: Annotated[str | None, Field(max_length=300)] = None


class AuditPage(BaseModel):
    """The audit log, the newest first."""

    items: list[AuditEntry]
    next: str | None


class RoleChange(BaseModel):
    """The next role."""

    role: Literal["person", "moderator", "operator"]


class RoleGiven(AccountName):
    """Who has which role now."""

    role: Literal["person", "moderator", "operator"]
