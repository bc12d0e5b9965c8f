"""Renders the API's description as pages: one for each tag, one for the shapes that bodies have."""

import re
from typing import Any

Json = dict[str, Any]
METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
ABOUT = """# The API

What the web app uses, and nothing else: version {version}, {count} calls. A server describes itself at
`/api/openapi.json`; [openapi.json](../../files/openapi.json) is the same for this version. How to sign in, upload and
listen with `curl`, and how to make a client: [building on Nonet](../../guide/developer.md).

Every call may also answer `invalid` (422) and `server_fault` (500); what each code means stands in
[refusals](../refusals.md).
"""


def pages(described: Json) -> dict[str, str]:
    """Return the text of each page by its name."""
    tagged: dict[str, list[str]] = {}
    for path, calls in sorted(described["paths"].items()):
        for method in METHODS:
            if method in calls:
                tagged.setdefault(calls[method]["tags"][-1], []).append(_call(method, path, calls[method]))
    count = sum(map(len, tagged.values()))
    about = ABOUT.format(version=described["info"]["version"], count=count)
    names = [*sorted(tagged), "shapes"]
    tree = "\n".join(["", "```{toctree}", ":maxdepth: 1", "", *names, "```", ""])
    made = {f"{tag}.md": "\n".join([f"# {tag.capitalize()}", "", *calls]) for tag, calls in tagged.items()}
    return made | {"index.md": about + tree, "shapes.md": _shapes(described["components"]["schemas"])}


def _call(method: str, path: str, call: Json) -> str:
    lines = [f"## {call['summary'].capitalize()}", "", "```text", f"{method.upper()} {path}", "```", ""]
    lines += [_plain(call.get("description", "")), ""]
    if call.get("parameters"):
        lines += ["| parameter | in | takes |", "|---|---|---|"]
        for each in call["parameters"]:
            optional = "" if each.get("required") else ", optional"
            lines += [f"| `{each['name']}`{optional} | {each['in']} | {_type(each['schema'])} |"]
        lines += [""]
    if content := call.get("requestBody", {}).get("content"):
        lines += [f"**Takes** {_bodies(content)}", ""]
    return "\n".join([*lines, *_answers(call["responses"])])


def _bodies(content: Json) -> str:
    return " or ".join(_type(body.get("schema", {}), kind) for kind, body in content.items())


def _answers(responses: Json) -> list[str]:
    lines = []
    for status, answer in responses.items():
        if status < "300":
            lines += [f"**Answers** {status} {_bodies(answer.get('content', {})) or 'without a body'}", ""]
    refused = [
        f"`{code}` ({status})"
        for status, answer in responses.items()
        for code in (answer["description"].split(" · ") if "/Refused" in str(answer) else [])
    ]
    return [*lines, *([f"**Refuses** {', '.join(refused)}", ""] if refused else [])]


def _shapes(schemas: Json) -> str:
    lines = ["# Shapes", "", "What bodies of calls and answers hold, by name.", ""]
    for name, schema in sorted(schemas.items(), key=lambda item: _name(item[0]).lower()):
        if re.match(r"Refused\d|Problem$", name):  # what each call refuses stands with it
            continue
        lines += [f"({_anchor(name)})=", f"## {_name(name)}", "", _plain(schema.get("description", "")), ""]
        if not schema.get("properties"):
            lines += [_type(schema), ""]
            continue
        lines += ["| field | takes | what it is |", "|---|---|---|"]
        for field, kind in schema["properties"].items():
            optional = "" if field in schema.get("required", []) else ", optional"
            lines += [f"| `{field}`{optional} | {_type(kind)} | {_plain(kind.get('description', ''))} |"]
        lines += [""]
    return "\n".join(lines)


def _name(schema: str) -> str:
    """Return a shape's name as people say it: two slices may each have an Author."""
    parts = schema.split("__")
    return parts[-1] if len(parts) == 1 else f"{parts[-1]} of {parts[1]}"


def _anchor(schema: str) -> str:
    return f"shape-{schema.lower().replace('_', '-')}"


def _plain(text: str) -> str:
    """Return a docstring as a paragraph of Markdown."""
    return re.sub(r"``(.+?)``", r"`\1`", " ".join(text.split())).replace("|", "\\|").replace("<", "\\<")


def _type(schema: Json, kind: str = "application/json") -> str:
    """Return what a schema takes, in words; named shapes are links."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{_name(name)}](#{_anchor(name)})"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type(each) for each in schema["anyOf"]))
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{each}`" for each in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}" if isinstance(schema.get("items"), dict) else "list"
    if not schema or schema.get("format") == "binary":
        return f"`{kind}`"
    return _simple(schema)


def _simple(schema: Json) -> str:
    words = {"integer": "whole number", "boolean": "true or false", "null": "null", "object": "object"}
    said = words.get(schema.get("type", ""), schema.get("format", "") or schema.get("type", "anything"))
    if schema.get("pattern") == "^[0-9]{1,19}$":
        return "id"
    limits = [
        f"{word} {schema[key]}"
        for key, word in (("minimum", "from"), ("maximum", "to"), ("maxLength", "at most"))
        if key in schema
    ]
    return " ".join([{"string": "text", "date-time": "moment"}.get(said, said), *limits])
