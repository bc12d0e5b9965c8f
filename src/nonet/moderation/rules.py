"""The rules of a server and what a report can say, as data: pure. docs/guide/rules.md shows both; a test compares.

A rule is what a decision names. A category is what a person who reports picks; it leads to one rule and says how soon
moderators look: the safety of children first, then danger to life, then harm to a person, then everything else.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """What isn't wanted here; ``sentence`` is told to whose thing was decided on."""

    code: str
    title: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Category:
    """What someone can say is wrong; ``priority`` orders the queue, the highest first."""

    code: str
    sentence: str
    rule: str
    priority: int


RULES = (
    Rule("minors", "Safety of children", "Nothing that sexualises, endangers or grooms a child."),
    Rule("self_harm", "Suicide and self-harm", "Nothing that encourages or instructs someone to hurt themselves."),
    Rule("violence", "Violence and threats", "No threats, no incitement, no violence shown for its own sake."),
    Rule("dangerous_acts", "Dangerous acts", "Nothing that leads people to copy what can injure or kill."),
    Rule("hate", "Hate", "No attacks on people for what they are: origin, faith, sex, orientation, disability."),
    Rule("harassment", "Harassment", "No bullying, no stalking, no calls to pile on a person."),
    Rule("sexual", "Sexual content", "No pornography, and no sexual act or advance without consent."),
    Rule("privacy", "Privacy", "Nobody's private data or intimate pictures without their consent."),
    Rule("illegal_goods", "Illegal goods", "No trade in drugs, weapons or anything that the law forbids."),
    Rule("fraud", "Fraud and spam", "No scams, no fake engagement, no repeated unwanted messages."),
    Rule("impersonation", "Impersonation", "Nobody poses as another person or organisation."),
    Rule("misleading", "Harmful falsehoods", "No made-up claims or unmarked AI pictures that can do people real harm."),
    Rule("rights", "Other people's work", "No work of others without their permission or a right to use it."),
    Rule("other", "Other rules of this server", "What this server's operator has ruled out beyond the rules above."),
)
CATEGORIES = (
    Category("child_safety", "A child is sexualised or in danger", "minors", 100),
    Category("self_harm", "Suicide or self-harm", "self_harm", 80),
    Category("violence", "Threats or violence", "violence", 70),
    Category("dangerous_acts", "Dangerous acts or challenges", "dangerous_acts", 60),
    Category("hate", "Hate", "hate", 50),
    Category("harassment", "Bullying or harassment", "harassment", 50),
    Category("privacy", "It shows me or someone without consent", "privacy", 50),
    Category("sexual", "Nudity or sexual content", "sexual", 40),
    Category("illegal_goods", "Drugs, weapons or other illegal goods", "illegal_goods", 40),
    Category("impersonation", "It poses as someone else", "impersonation", 30),
    Category("misleading", "False information that can do harm", "misleading", 20),
    Category("fraud", "Spam or scam", "fraud", 10),
    Category("rights", "It uses my work", "rights", 10),
    Category("other", "Something else", "other", 0),
)

RULE = {rule.code: rule for rule in RULES}
CATEGORY = {category.code: category for category in CATEGORIES}
