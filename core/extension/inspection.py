"""What a plugin still lacks to be a good one: looked for in its files, said with what to do.

A rule that does not fit may be left aside in the plugin's `quality.toml`, by a sentence that says
why: `[exempt]`, then `rule = "because …"`.
"""

from __future__ import annotations

import ast
import inspect
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

from core.extension.discovery import Plugin
from core.extension.hookspecs import PROJECT
from core.kernel.ground import GlobalReference, Reference, declared_by

Found = Iterator[str]

SHORTEST = 20
"""Letters of a reason to leave a rule aside: less says nothing."""

_SCRIPTED = (
    r"<script(?![^>]*\bsrc=)",
    r"<style",
    r"\sstyle=",
    r"\son[a-z]+=",
    r"hx-on",
    r"\bjs:",
    r"\|\s*safe\b",
    r"(?<!data-)\bhx-",
    r'hx-trigger="[^"]*\[',
)
_WRITES = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?|MERGE\s+INTO)\s+"
    r"(?:ONLY\s+)?\"?([a-z_]+(?:\.[a-z_]+)?)\"?(?=[\s(;]|$)",
)
_NOT_TABLES = frozenset({"set", "of", "skip", "nowait"})
_MARKS = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>|&\w+;", re.DOTALL)
_WORDS = re.compile(r"[^\W\d_]{2,}")


def inspect_plugin(plugin: Plugin) -> list[str]:
    """One line per fault, each beginning with the plugin's name and the rule."""
    exempt = _exempt(plugin)
    faults = [
        f"{plugin.name}: {rule}: {fault}"
        for rule, look in RULES.items()
        if rule not in exempt
        for fault in look(plugin)
    ]
    for rule, why in exempt.items():
        if rule not in RULES:
            faults.append(f"{plugin.name}: quality.toml: no rule is named {rule}.")
        elif len(str(why).strip()) < SHORTEST:
            faults.append(f"{plugin.name}: quality.toml: say in a sentence why {rule} is left out.")
    return faults


def _exempt(plugin: Plugin) -> dict[str, str]:
    path = plugin.path / "quality.toml" if plugin.path else None
    if path is None or not path.exists():
        return {}
    found: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8")).get("exempt", {})
    return found


def implements(plugin: Plugin, *hooks: str) -> bool:
    """Whether it implements one of these hooks."""
    return any(hasattr(getattr(plugin.module, h, None), f"{PROJECT}_impl") for h in hooks)


def _templates(plugin: Plugin) -> list[Path]:
    return sorted(plugin.templates_dir.rglob("*.html")) if plugin.templates_dir else []


def template_faults(text: str) -> Found:
    """What a template must not hold: script, style, what an attribute would evaluate."""
    for forbidden in _SCRIPTED:
        if found := re.search(forbidden, text):
            yield f"{found.group().strip()} (script, style and evaluated attributes are refused)"
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.S):
        if "hidden(" not in form and "_csrf_token" not in form:
            yield "a form that acts without ui.hidden(form)"


def _no_script(plugin: Plugin) -> Found:
    for path in _templates(plugin):
        for fault in template_faults(path.read_text(encoding="utf-8")):
            yield f"{path.name}: {fault}"


def _through_gettext(plugin: Plugin) -> Found:
    for path in _templates(plugin):
        plain = _MARKS.sub(" ", path.read_text(encoding="utf-8"))
        words = [word for word in _WORDS.findall(plain) if word != "Seuil"]
        if words:
            said = " ".join(words[:6])
            yield f'{path.name}: «{said}» cannot be translated: write {{{{ _("…") }}}}'


def _own_schema(plugin: Plugin) -> Found:
    mine = f"{plugin.manifest.schema}."
    for path in plugin.files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
                continue
            for table in _WRITES.findall(node.value):
                if not table.startswith(mine) and table not in _NOT_TABLES:
                    yield (
                        f"{path.name}:{node.lineno}: it writes into {table}: call the service of "
                        f"core that does, or keep it in {mine[:-1]}"
                    )


def _references(plugin: Plugin) -> Found:
    known = {
        (promise.table, promise.column)
        for promise in declared_by(plugin.package)
        if isinstance(promise, (Reference, GlobalReference))
    }
    for table in plugin.tables:
        name = f"{plugin.manifest.schema}.{table._meta.tablename}"
        for column in table._meta.columns:
            column_name = column._meta.db_column_name
            if not column_name.endswith("_id") or column_name == "territory_id":
                continue
            if (name, column_name) not in known:
                yield f"{name}.{column_name} refers to nothing: declare a Reference for it"


def _both_faces(plugin: Plugin) -> Found:
    shown = {
        "portal": implements(plugin, "resident_cards"),
        "admin": implements(plugin, "household_panels", "dashboard_tiles"),
    }
    for face, there in shown.items():
        folder = plugin.path / "templates" / face if plugin.path else None
        if not there and not (folder and folder.is_dir()):
            yield f"it shows nothing on the {face} face"


def _described(plugin: Plugin) -> Found:
    if plugin.path is None:
        return
    if not (plugin.path / "README.md").exists():
        yield "write README.md: who does what with it, and where"
    if not list((plugin.path / "tests").glob("test_*.py")):
        yield "write tests/test_….py"


def _documented_hooks(plugin: Plugin) -> Found:
    """A `plugin.py` is a table of contents: what it does is elsewhere."""
    if plugin.path is None:
        return
    lines = len(inspect.getsource(plugin.module).splitlines())
    if lines > 300:
        yield f"plugin.py has {lines} lines: keep hooks there, and what they do in other files"


RULES: dict[str, Callable[[Plugin], Found]] = {
    "no_script": _no_script,
    "through_gettext": _through_gettext,
    "own_schema": _own_schema,
    "references": _references,
    "both_faces": _both_faces,
    "described": _described,
    "table_of_contents": _documented_hooks,
}
"""Every rule by the name that quality.toml uses."""
