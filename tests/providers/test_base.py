import pytest
from traitlets.config import Config

from hubroam.errors import ConfigurationError, ProviderNotServed
from hubroam.providerinfo import PROVIDERS
from hubroam.providers import Providers
from hubroam.spec import BinderSpec

GIT = [f"hubroam.providers.{name}Provider" for name in ("GitHub", "GitLab", "Gist", "Git")]


def test_what_is_served_is_described_as_the_table_has_it():
    providers = Providers()
    assert providers.served == list(PROVIDERS)
    assert providers.describe() == [PROVIDERS[name].to_json() for name in providers.served]


async def test_a_provider_that_is_not_served_names_those_that_are():
    with pytest.raises(ProviderNotServed, match=r"Zenodo DOI \(zenodo/\)") as caught:
        await Providers(classes=GIT).resolve(BinderSpec.parse("zenodo/10.5281/zenodo.3242074"))
    for prefix in ("gh/", "gl/", "gist/", "git/"):
        assert prefix in caught.value.next_step


async def test_the_operator_chooses_what_is_served(book):
    config = Config({"Providers": {"classes": ["hubroam.providers.GitProvider"]}})
    providers = Providers(config=config)
    assert [row["id"] for row in providers.describe()] == ["git"]
    assert (await providers.resolve(BinderSpec.parse(book.spec))).ref == "main"
    with pytest.raises(ProviderNotServed):
        await providers.resolve(BinderSpec.parse("gh/ada/book/main"))


@pytest.mark.parametrize(
    "name",
    [
        "no.such.Provider",
        "hubroam.providers.NoProvider",
        "hubroam.providers.MirrorStore",
        "hubroam.providers.RepoProvider",
    ],
)
def test_a_class_that_is_no_provider_is_refused(name):
    with pytest.raises(ConfigurationError, match=name):
        Providers(config=Config({"Providers": {"classes": [name]}}))


async def test_configuration_reaches_the_providers(server, book):
    config = Config({"GitHubProvider": {"base_url": server.url}})
    resolved = await Providers(config=config).resolve(BinderSpec.parse("gh/ada/book/main"))
    assert resolved.clone_url == book.url
