"""Projects of the firm in Kantata: customer groups, workspaces, tasks, billing milestones."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from ingest.sandbox.kantata_deals import deals, signed_items, signed_lines
from ingest.sandbox.world import World, draw, normal

__all__ = ["PRACTICES", "Projects", "projects"]

PRACTICES = ("Cloud", "Data & AI", "Enterprise Applications", "Customer Experience", "Security")
_INTERNAL = ("Internal operations", "Presales and training")
_TASKS = ("Kick-off", "Requirements", "Solution design", "Environment set-up", "Build", "Configuration", "Interfaces",
          "Data preparation", "Unit test", "Integration test", "User training", "Acceptance test", "Cut-over",
          "Go-live", "Hypercare", "Documentation", "Steering")  # fmt: skip
_GATES = ("Design approved", "Build complete", "Test passed", "Go-live", "Hand-over", "Closure")

WORKSPACE_ID = 41_000_000
INTERNAL_ID = 40_000_000
GROUP_ID = 2_100_000
STORY_ID = 500_000_000
MILESTONE_ID = 9_200_000


@dataclass(frozen=True)
class Projects:
    """Kantata projects before they get their references and custom fields; ids are integers here.

    `workspaces`: one row a project, with its deal. `lines`: signed agreement lines with their workspace and tasks.
    """

    groups: pl.DataFrame
    workspaces: pl.DataFrame
    stories: pl.DataFrame
    milestones: pl.DataFrame
    lines: pl.DataFrame


def projects(world: World) -> Projects:
    """All projects: those of signed agreements, estimates of unsigned ones, and the firm's own."""
    table = deals(world)
    items = signed_items(world, table)
    lines = signed_lines(items)
    groups = _groups(world, table)
    spaces = _workspaces(world, table, lines, groups)
    of = spaces.select("contract_id", "workstream", "workspace_id", "created_at")
    lines = lines.join(of, on=["contract_id", "workstream"], how="left").with_columns(
        created_at=pl.max_horizontal("created_at", pl.col("activated_at") + pl.duration(minutes=4))
    )
    lines = _task_counts(
        world, lines.join(table.select("contract_id", "entity", "currency"), on="contract_id", how="left")
    )
    milestones = _milestones(world, items, lines)
    stories, lines = _stories(world, lines, milestones, spaces)
    accepted = stories.filter(pl.col("milestone") >= 0).select("milestone", story_id="id")
    milestones = milestones.join(accepted, left_on="nth", right_on="milestone", how="left").sort("nth")
    return Projects(groups, spaces, stories, milestones, lines)


def _groups(world: World, table: pl.DataFrame) -> pl.DataFrame:
    """One company group a customer with a deal, and a few folders that are no customers."""
    account = world["salesforce.Account"].select(
        "Id", "Name", "Website",
        address=pl.concat_str("BillingStreet", pl.lit(", "), "BillingPostalCode", pl.lit(" "), "BillingCity"),
    )  # fmt: skip
    first = table.group_by("account_id").agg(created_at=pl.col("ready_at").min())
    groups = first.join(account, left_on="account_id", right_on="Id", how="inner").sort("created_at", "account_id")
    groups = groups.select(
        "account_id", created_at=pl.col("created_at") + pl.duration(seconds=70), name="Name", website="Website",
        address="address", company=pl.lit(True),
        email=pl.concat_str(pl.lit("accounts@"), pl.col("Website").str.strip_prefix("https://www.")),
    )  # fmt: skip
    made = dt.datetime.combine(world.firm.start_on - dt.timedelta(days=80), dt.time(14, 0))
    folders = pl.DataFrame(
        {
            "name": ["Strategic accounts", "Public sector", "Templates"],
            "company": [False] * 3,
            "created_at": [made] * 3,
        },
        schema_overrides={"created_at": pl.Datetime("us")},
    )
    both = pl.concat([groups, folders], how="diagonal")
    return both.with_columns(id=GROUP_ID + pl.int_range(0, pl.len()), updated_at="created_at")


def _workspaces(world: World, table: pl.DataFrame, lines: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """One workspace a workstream of an agreement, then the internal ones of each entity."""
    firm = world.firm
    streams = lines.group_by("contract_id", "workstream").agg(
        number=pl.col("number").min(), price=pl.col("value").sum(), line_type=pl.col("line_type").first()
    )
    spaces = streams.join(table, on="contract_id", how="inner").sort("ready_at", "sow", "number")
    spaces = spaces.join(
        groups.filter("company").select("account_id", group_id="id", client="name"), on="account_id", how="left"
    ).sort("ready_at", "sow", "number")
    wait = 120 + 120 * draw(spaces.select(pl.concat_str("sow", "workstream")).to_series(), "workspace/at", firm.seed)
    practice = draw(spaces["sow"], "workspace/practice", firm.seed) * len(PRACTICES)
    u_archive = draw(spaces["sow"], "workspace/archived", firm.seed)
    old = pl.col("signed") & (pl.col("end") < firm.as_of - dt.timedelta(days=62))
    spaces = spaces.with_columns(
        workspace_id=WORKSPACE_ID + pl.int_range(0, pl.len()) * 3,
        created_at=pl.col("ready_at") + pl.duration(seconds=pl.lit(pl.Series(wait.astype(np.int64)))),
        archived=old & pl.Series(u_archive < 0.6),
        practice=pl.lit(pl.Series(PRACTICES)).gather(pl.Series(practice.astype(np.int64))),
        title=pl.concat_str("client", pl.lit(" - "), "workstream", pl.lit(" ("), "sow", pl.lit(")")),
        stage=pl.when("signed").then(pl.lit("project")).otherwise(pl.lit("estimate")),
        first=pl.col("number") == pl.col("number").min().over("contract_id"),
        internal=pl.lit(False),
    )  # fmt: skip
    ended = pl.col("end").cast(pl.Datetime("us")) + pl.duration(days=61, hours=15)
    spaces = spaces.with_columns(
        updated_at=pl.max_horizontal(
            "created_at", pl.col("versioned_at") + pl.duration(minutes=4), pl.when("archived").then(ended)
        )
    )
    made = dt.datetime.combine(firm.start_on - dt.timedelta(days=80), dt.time(15, 0))
    own = [
        {"workspace_id": INTERNAL_ID + 10 * index + kind, "title": f"{name} {entity.code}", "entity": entity.code,
         "currency": entity.currency, "workstream": name, "practice": PRACTICES[0], "client": "Internal"}
        for index, entity in enumerate(firm.entities) for kind, name in enumerate(_INTERNAL)
    ]  # fmt: skip
    units = dict(zip(table["currency"].to_list(), table["unit"].to_list(), strict=True))
    internal = pl.DataFrame(own).with_columns(
        unit=pl.col("currency").replace_strict(units, default=100, return_dtype=pl.Int64),
        created_at=pl.lit(made, dtype=pl.Datetime("us")), updated_at=pl.lit(made, dtype=pl.Datetime("us")),
        start=pl.lit(firm.start_on - dt.timedelta(days=60)), stage=pl.lit("project"), archived=pl.lit(False),
        internal=pl.lit(True), signed=pl.lit(False), price=pl.lit(0, pl.Int64), first=pl.lit(False),
        workspace_id=pl.col("workspace_id").cast(spaces.schema["workspace_id"]),
    )  # fmt: skip
    return pl.concat([spaces, internal], how="diagonal").sort("workspace_id")


def _task_counts(world: World, lines: pl.DataFrame) -> pl.DataFrame:
    """How many tasks each line has: about as many per project as the size of the firm says."""
    mean = world.firm.count("tasks per project") / 1.5
    spread = 0.5 + draw(lines["line_key"], "line/tasks", world.firm.seed)
    return lines.with_columns(tasks=pl.Series(np.maximum(3, np.round(mean * spread)).astype(np.int64)))


def _milestones(world: World, items: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Billing milestones of fixed-fee and milestone lines; those of one item sum exactly to its value."""
    firm = world.firm
    due = items.filter(
        pl.col("signed") & pl.col("line_type").is_in(["Fixed Fee", "Milestone"]) & (pl.col("value") > 0)
    ).join(lines.select("line_key", "workspace_id", "currency", line_end="service_to"), on="line_key", how="left")
    due = due.sort("contract_id", "version", "number")
    months = ((pl.col("line_end") - pl.col("service_from")).dt.total_days() / 30.4).round(0).cast(pl.Int64)
    due = due.with_columns(
        parts=pl.when("first").then(months.clip(2, 6)).otherwise(1),
        gated=(pl.col("line_type") == "Milestone")
        | pl.Series(draw(due["line_key"], "milestone/final", firm.seed) < 0.4),
    )
    row = (
        due.with_row_index("item")
        .select(pl.exclude("parts"), "parts", part=pl.int_ranges(1, pl.col("parts") + 1))
        .explode("part")
    )
    row = row.with_columns(nth=pl.int_range(0, pl.len()).cast(pl.Int64))
    key = row.select(pl.concat_str("item_id", pl.lit("#"), "part")).to_series()
    last = pl.col("part") == pl.col("parts")
    upon = (pl.col("line_type") == "Milestone") | (pl.col("gated") & last & (pl.col("parts") > 1))
    share = pl.when(upon).then(pl.col("part") / pl.col("parts")).otherwise((pl.col("part") - 0.5) / pl.col("parts"))
    length = (pl.col("line_end") - pl.col("service_from")).dt.total_days()
    value = pl.col("value")
    slip = pl.lit(pl.Series((6 * normal(key, "milestone/slip", firm.seed) + 3).astype(np.int64)))
    row = row.with_columns(
        upon=upon,
        amount=value * pl.col("part") // pl.col("parts") - value * (pl.col("part") - 1) // pl.col("parts"),
        planned_on=pl.col("service_from") + pl.duration(days=(length * share).cast(pl.Int64)),
    ).with_columns(actual=pl.col("planned_on") + pl.duration(days=slip))  # fmt: skip
    actual = pl.min_horizontal(pl.max_horizontal("actual", pl.col("service_from") + pl.duration(days=2)), "line_end")
    back = (actual.dt.weekday() - 5).clip(lower_bound=0)
    row = row.with_columns(actual=actual).with_columns(
        actual=pl.max_horizontal(pl.col("actual") - pl.duration(days=back), "service_from")
    )
    gate = pl.lit(pl.Series(_GATES)).gather((pl.col("part") - 1) % len(_GATES))
    # What was accepted in the last days is billed within its three business days: a clean firm has none of it waiting.
    settled = pl.lit(np.busday_offset(np.datetime64(firm.as_of, "D"), -3).astype(object))
    return row.with_columns(
        accepted_on=pl.when(pl.col("upon") & (pl.col("actual") < settled)).then("actual"),
        title=pl.when("upon").then(gate + pl.lit(" ") + pl.col("line_key")).otherwise(
            pl.concat_str(pl.lit("Instalment "), "part", pl.lit(" of "), "parts", pl.lit(" "), "line_key")
        ),
        id=MILESTONE_ID + pl.col("nth"),
        created_at=pl.col("activated_at") + pl.duration(minutes=6),
    )  # fmt: skip


def _stories(
    world: World, lines: pl.DataFrame, milestones: pl.DataFrame, spaces: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The work breakdown: one story a line, its tasks below it, a story per accepted or awaited milestone."""
    firm = world.firm
    lines = lines.with_columns(
        story_id=STORY_ID + pl.col("tasks").cum_sum() - pl.col("tasks") + 2 * pl.int_range(0, pl.len())
    )
    top = lines.select(
        "workspace_id", "line_key", "line_type", "created_at", "activated_at", id="story_id",
        title=pl.col("line_key") + " " + pl.col("workstream"), story_type=pl.lit("deliverable"),
        start="service_from", due="service_to", estimate="planned",
    )  # fmt: skip
    child = lines.select(
        "workspace_id", "line_key", "line_type", "created_at", "activated_at", "service_from", "service_to",
        "tasks", "planned", parent="story_id", nth=pl.int_ranges(1, pl.col("tasks") + 2),
    ).explode("nth")  # fmt: skip
    length = (pl.col("service_to") - pl.col("service_from")).dt.total_days()
    at = pl.min_horizontal((pl.col("nth") - 1) / pl.col("tasks"), 0.95)
    until = pl.min_horizontal((pl.col("nth") + 0.5) / pl.col("tasks"), 1.0)
    dropped = pl.col("nth") > pl.col("tasks")
    child = child.with_columns(
        id=pl.col("parent") + pl.col("nth"), title=pl.lit(pl.Series(_TASKS)).gather((pl.col("nth") - 1) % len(_TASKS)),
        story_type=pl.lit("task"), start=pl.col("service_from") + pl.duration(days=(length * at).cast(pl.Int64)),
        due=pl.col("service_from") + pl.duration(days=(length * until).cast(pl.Int64)),
        estimate=pl.when(dropped).then(0.0).otherwise(pl.col("planned") / pl.col("tasks")), dropped=dropped,
    )  # fmt: skip
    keep = ~child["dropped"] | pl.Series(draw(child["id"], "story/deleted", firm.seed) < 0.12)
    child = child.filter(keep)
    gates = milestones.filter("upon").select(
        "workspace_id", "line_key", "line_type", "accepted_on", "title", start="planned_on", due="planned_on",
        milestone="nth", id=STORY_ID + 200_000_000 + pl.col("nth"), created_at="created_at",
        story_type=pl.lit("milestone"),
    )  # fmt: skip
    internal = spaces.filter("internal").select(
        "workspace_id", "created_at", id=STORY_ID - 100_000 + pl.int_range(0, pl.len()), title=pl.lit("General"),
        story_type=pl.lit("task"), start="start",
    )  # fmt: skip
    stories = pl.concat([top, child, gates, internal], how="diagonal_relaxed").sort("id")
    stories = stories.with_columns(pl.col("created_at").dt.offset_by("2m"), milestone=pl.col("milestone").fill_null(-1))
    return _progress(world, stories), lines


def _progress(world: World, stories: pl.DataFrame) -> pl.DataFrame:
    """States, percentages and stamps as of the day of observation."""
    firm = world.firm
    today = pl.lit(firm.as_of)
    gate = pl.col("story_type") == "milestone"
    done = pl.when(gate).then(pl.col("accepted_on").is_not_null()).otherwise((pl.col("due") < today).fill_null(False))
    begun = pl.when(gate).then(pl.col("start") < firm.as_of + dt.timedelta(days=20)).otherwise(pl.col("start") < today)
    length = (pl.col("due") - pl.col("start")).dt.total_days() + 1
    elapsed = ((today - pl.col("start")).dt.total_days() * 100 // length).clip(0, 95)
    state = pl.when(done).then(pl.lit("completed")).when(begun).then(pl.lit("started")).otherwise(pl.lit("not started"))
    stories = stories.with_columns(state=state, dropped=pl.col("dropped").fill_null(False)).with_columns(
        percentage=pl.when(done)
        .then(100)
        .when(gate | pl.col("due").is_null())
        .then(0)
        .when(begun)
        .then(elapsed)
        .otherwise(0)
    )
    second = pl.lit(pl.Series((draw(stories["id"], "story/at", firm.seed) * 20_000).astype(np.int64)))
    finished = pl.when(gate).then("accepted_on").otherwise("due")
    touched = pl.when(done).then(finished.cast(pl.Datetime("us")) + pl.duration(seconds=64_000 + second))
    limit = pl.lit(dt.datetime.combine(firm.as_of, dt.time(1, 0)), dtype=pl.Datetime("us"))
    label = {"completed": "Completed", "started": "In Progress", "not started": "Not Started"}
    return stories.with_columns(
        status=pl.col("state").replace_strict(label),
        updated_at=pl.max_horizontal("created_at", pl.when(done).then(pl.min_horizontal(touched, limit))),
        deleted_at=pl.when("dropped").then(pl.col("created_at") + pl.duration(hours=20)),
    ).with_columns(updated_at=pl.max_horizontal("updated_at", pl.when(pl.col("deleted_at") < limit).then("deleted_at")))
