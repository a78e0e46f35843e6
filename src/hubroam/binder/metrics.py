"""What the service counts, under BinderHub's names, so that its dashboards work here."""

from prometheus_client import Counter, Gauge, Histogram

_BUCKETS = (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, float("inf"))

LAUNCHES = Counter(
    "binderhub_launch_count",
    "Launches, by how they ended",
    ["status", "provider"],
)
BUILDS = Counter("binderhub_build_count", "Builds, by how they ended", ["status", "provider"])
BUILD_TIME = Histogram(
    "binderhub_build_time_seconds", "Seconds that builds took", ["status"], buckets=_BUCKETS
)
LAUNCH_TIME = Histogram(
    "binderhub_launch_time_seconds",
    "Seconds from a built environment to a ready session",
    ["status"],
    buckets=_BUCKETS,
)
BUILDS_NOW = Gauge("binderhub_inprogress_builds", "Requests that wait for a build now")
LAUNCHES_NOW = Gauge("binderhub_inprogress_launches", "Sessions that are being started now")
