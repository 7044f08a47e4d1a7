"""One Jinja environment per language: strict, escaping, without a word of script."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import (
    BaseLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    nodes,
)
from jinja2.visitor import NodeTransformer
from jinja2_fragments import render_block

from core.extension.contributions import Face
from core.extension.discovery import Plugin
from core.web.assets import Asset
from core.web.unsaid import shown
from core.web.words import (
    catalogue,
    format_date,
    format_datetime,
    format_money,
    format_number,
    format_phone,
)

CORE = Path(__file__).parent.parent


class _Fold(NodeTransformer):
    """Puts the translation of a literal message into the compiled template: the environment has
    one language, so nothing is left to look up when a page renders."""

    def __init__(self, gettext: Callable[[str], str]) -> None:
        self._gettext = gettext

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        literal = (
            isinstance(node.node, nodes.Name)
            and node.node.name in ("_", "gettext")
            and len(node.args) == 1
            and isinstance(node.args[0], nodes.Const)
            and not (node.kwargs or node.dyn_args or node.dyn_kwargs)
        )
        if not literal:
            return node
        said = self._gettext(node.args[0].value) % {}  # type: ignore[attr-defined]
        return nodes.MarkSafeIfAutoescape(nodes.Const(said), lineno=node.lineno)


class _OneLanguage(Environment):
    """An environment whose templates are compiled in one language."""

    gettext: Callable[[str], str] = staticmethod(str)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        folded = _Fold(self.gettext).visit(tree)
        assert isinstance(folded, nodes.Template)
        return folded


class Templates:
    """Renders pages and their fragments in the visitor's language."""

    def __init__(
        self,
        faces: Mapping[str, Face],
        assets: Mapping[str, Asset],
        plugins: Mapping[str, Plugin] | None = None,
    ) -> None:
        self._loaders: dict[str, BaseLoader] = {"core": FileSystemLoader(CORE / "templates")}
        for face in faces.values():
            self._loaders[face.name] = FileSystemLoader(face.templates)
        installed = (plugins or {}).values()
        for plugin in installed:
            if plugin.templates_dir is not None:
                self._loaders[plugin.name] = FileSystemLoader(plugin.templates_dir)
        # The last folder that knows a message says it: a plugin never speaks for core or a face.
        self._folders = (
            *(plugin.locale_dir for plugin in installed if plugin.locale_dir is not None),
            CORE / "locale",
            *(face.templates.parent / "locale" for face in faces.values()),
        )
        self._assets = assets
        self.environment = lru_cache(maxsize=32)(self._environment)

    def _environment(
        self, lang: str, zone: str = "Europe/Paris", vocabulary: str = "fr"
    ) -> Environment:
        env = _OneLanguage(
            loader=PrefixLoader(self._loaders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        )
        base = lang.split("@")[0]
        said = self.catalogue(lang, vocabulary, marked=True)
        env.gettext = said.gettext
        env.install_gettext_translations(said, newstyle=True)  # type: ignore[attr-defined]
        env.globals.update(
            static=self.static,
            format_date=partial(format_date, lang=base),
            format_phone=format_phone,
            format_datetime=partial(format_datetime, lang=base, zone=zone),
            format_number=partial(format_number, lang=base),
            format_money=partial(format_money, lang=base),
        )
        env.filters.update(
            day=lambda value: value.isoformat() if isinstance(value, (date, datetime)) else "",
        )
        env.globals["ui"] = env.get_template("core/ui.html").module
        return env

    def catalogue(self, lang: str, vocabulary: str = "fr", marked: bool = False) -> Any:
        """The messages of a language over all faces, in a territory's own words. `marked`: for
        what `render` shows, where a sentence that is missing says that it is French."""
        return catalogue(lang, self._folders, vocabulary, marked)

    def static(self, name: str) -> str:
        """The address of a static file."""
        return self._assets[name].href

    def render(
        self,
        name: str,
        context: Mapping[str, Any],
        lang: str,
        zone: str,
        block: str | None = None,
        vocabulary: str = "fr",
    ) -> str:
        """The page, or only one block of it for htmx."""
        env = self.environment(lang, zone, vocabulary)
        if block is not None:
            return shown(render_block(env, name, block, **context))
        return shown(env.get_template(name).render(**context))
