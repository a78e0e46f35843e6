from jupyterhub import orm
from sqlalchemy import text

from hubroam.hub.database import commit_without_waiting


def test_commits_do_not_wait_for_the_disk(tmp_path):
    commit_without_waiting()
    commit_without_waiting()  # once is enough
    session = orm.new_session_factory(f"sqlite:///{tmp_path / 'hub.sqlite'}")()
    found = [
        session.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")
    ]
    session.add(orm.User(name="ada"))
    session.commit()
    assert found == ["wal", 1]  # NORMAL
    session.close()
    session.get_bind().dispose()
    assert [path.name for path in tmp_path.iterdir()] == ["hub.sqlite"]


def test_a_database_in_memory_is_left_as_it_is():
    commit_without_waiting()
    session = orm.new_session_factory("sqlite:///:memory:")()
    assert session.execute(text("PRAGMA journal_mode")).scalar() == "memory"
    session.close()
