"""What panels ask: PromQL of the gauges, SQL of the tables. Data sources are addressed by uid, never by number.

The SDK's 11.6 line has no query of the Postgres source; `SqlQuery` adds it and registers how it is read back.
"""

from typing import Any, Literal, Self

from grafana_foundation_sdk.builders import prometheus
from grafana_foundation_sdk.cog import builder, runtime, variants
from grafana_foundation_sdk.models.dashboard import AnnotationQuery, DataSourceRef

PROMETHEUS_UID, POSTGRES_UID = "liangshai-prometheus", "liangshai-postgres"
_POSTGRES_TYPE = "grafana-postgresql-datasource"
PROMETHEUS = DataSourceRef(type_val="prometheus", uid=PROMETHEUS_UID)
POSTGRES = DataSourceRef(type_val=_POSTGRES_TYPE, uid=POSTGRES_UID)

Format = Literal["table", "time_series"]


class SqlQuery(variants.Dataquery):
    """A query of Grafana's Postgres data source, as its code editor writes it."""

    def __init__(self, text: str, form: Format, ref: str) -> None:
        self.text, self.form, self.ref = text, form, ref

    def to_json(self) -> dict[str, object]:
        """As it stands in a board."""
        return {
            "refId": self.ref,
            "datasource": POSTGRES,
            "editorMode": "code",
            "format": self.form,
            "rawQuery": True,
            "rawSql": self.text,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read back from a board."""
        return cls(data["rawSql"], data["format"], data["refId"])


class SqlAnnotation(AnnotationQuery):
    """Marks over the curves out of Postgres; the SDK's own target knows the built-in source only."""

    def __init__(self, name: str, text: str, colour: str) -> None:
        super().__init__(name=name, datasource=POSTGRES, icon_color=colour)
        self.asked = SqlQuery("\n".join(line.rstrip() for line in text.strip().splitlines()), "table", "Anno")

    def to_json(self) -> dict[str, object]:
        """As it stands in a board."""
        return {**super().to_json(), "target": self.asked.to_json()}


class _Asked(builder.Builder[variants.Dataquery]):
    """A finished query where the SDK wants something to build."""

    def __init__(self, query: variants.Dataquery) -> None:
        self._query = query

    def build(self) -> variants.Dataquery:
        return self._query


def sql(text: str, form: Format = "table", ref: str = "A") -> builder.Builder[variants.Dataquery]:
    """A query of Postgres; a variable in it is written `${name:sqlstring}` and comes quoted."""
    return _Asked(SqlQuery("\n".join(line.rstrip() for line in text.strip().splitlines()), form, ref))


class _Marked(builder.Builder[AnnotationQuery]):
    """A finished annotation where the SDK wants something to build."""

    def __init__(self, mark: SqlAnnotation) -> None:
        self._mark = mark

    def build(self) -> AnnotationQuery:
        return self._mark


def marks(name: str, text: str, colour: str) -> builder.Builder[AnnotationQuery]:
    """Marks over the curves: `time`, `text` and `tags` of each row."""
    return _Marked(SqlAnnotation(name, text, colour))


def promql(expression: str, legend: str = "", ref: str = "A", *, instant: bool = False) -> prometheus.Dataquery:
    """A query of Prometheus: now, or over the panel's time."""
    query = prometheus.Dataquery().expr(expression).legend_format(legend).ref_id(ref).datasource(PROMETHEUS)
    return query.instant() if instant else query.range()


def register() -> None:
    """Let the SDK read our SQL queries back (`Dashboard.from_json`)."""
    runtime.register_dataquery_variant(runtime.DataqueryConfig(_POSTGRES_TYPE, SqlQuery.from_json))
