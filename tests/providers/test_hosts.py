import pytest

from hubroam.errors import ConfigurationError, RefNotFound
from hubroam.providers import GistProvider, GitHubProvider, GitLabProvider
from hubroam.spec import BinderSpec

COMMIT = "1234567890" * 4
GIST = "8f7c2f0341ef4180b0dbe97f59130756"


@pytest.mark.parametrize(
    ("provider", "text", "clone_url", "ref_url"),
    [
        (
            GitHubProvider,
            f"gh/ada/book/{COMMIT}",
            "https://github.com/ada/book.git",
            f"https://github.com/ada/book/tree/{COMMIT}",
        ),
        (
            GitLabProvider,
            f"gl/uni%2Fmaths%2Fbook/{COMMIT}",
            "https://gitlab.com/uni/maths/book.git",
            f"https://gitlab.com/uni/maths/book/-/tree/{COMMIT}",
        ),
        (
            GistProvider,
            f"gist/ada/{GIST}/{COMMIT}",
            f"https://gist.github.com/{GIST}.git",
            f"https://gist.github.com/ada/{GIST}/{COMMIT}",
        ),
    ],
)
async def test_addresses(provider, text, clone_url, ref_url):
    resolved = await provider().resolve(BinderSpec.parse(text))
    assert resolved.clone_url == clone_url
    assert resolved.ref_url == ref_url
    assert resolved.ref_url.startswith(resolved.repo_url)


@pytest.mark.parametrize("slash", ["", "/"])
async def test_another_host(server, book, slash):
    provider = GitHubProvider(base_url=server.url.rstrip("/") + slash)
    resolved = await provider.resolve(BinderSpec.parse("gh/ada/book/main"))
    assert resolved.commit == book.git("rev-parse", "main")
    assert resolved.clone_url == book.url


async def test_a_nested_group(server):
    repository = server.repo("uni/maths/book")
    commit = repository.commit({"a": "b"}, branch="fix/it")
    resolved = await GitLabProvider(base_url=server.url).resolve(
        BinderSpec.parse("gl/uni%2Fmaths%2Fbook/fix/it")
    )
    assert resolved.commit == commit


@pytest.mark.parametrize("ref", ["", "/HEAD", "/master"])
async def test_a_gist_without_a_revision_is_its_newest(server, ref):
    gist = server.repo(GIST)
    gist.commit({"a": "1"})
    newest = gist.commit({"a": "2"})
    provider = GistProvider(base_url=server.url)
    resolved = await provider.resolve(BinderSpec.parse(f"gist/ada/{GIST}{ref}"))
    assert (resolved.commit, resolved.ref) == (newest, "HEAD")


@pytest.mark.parametrize("ref", ["master", "main"])
async def test_a_renamed_default_branch(server, ref):
    repository = server.repo("ada/old")
    commit = repository.commit({"a": "b"}, branch="trunk")
    repository.git("symbolic-ref", "HEAD", "refs/heads/trunk")
    provider = GitHubProvider(base_url=server.url)
    resolved = await provider.resolve(BinderSpec.parse(f"gh/ada/old/{ref}"))
    assert (resolved.commit, resolved.ref) == (commit, "HEAD")
    assert resolved.notes == (f"There is no branch {ref} in ada/old; using HEAD.",)


async def test_no_other_branch_falls_back(server, book):
    with pytest.raises(RefNotFound, match="develop in ada/book") as caught:
        await GitHubProvider(base_url=server.url).resolve(BinderSpec.parse("gh/ada/book/develop"))
    assert "main" in caught.value.next_step


async def test_gitlab_does_not_fall_back(server, book):
    with pytest.raises(RefNotFound):
        await GitLabProvider(base_url=server.url).resolve(BinderSpec.parse("gl/ada%2Fbook/master"))


@pytest.mark.parametrize(
    "url",
    [
        "https://ada:secret@git.example.org",
        "ssh://git@git.example.org",
        "file:///srv",
        "git.example.org",
        "https://git.example.org?token=secret",
    ],
)
def test_a_host_is_a_plain_web_address(url):
    with pytest.raises(ConfigurationError, match="GitHubProvider") as caught:
        GitHubProvider(base_url=url)
    assert "secret" not in caught.value.message
