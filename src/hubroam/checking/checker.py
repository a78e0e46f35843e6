"""The whole check: the recipe is built, each page runs, and what is found is put in order."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from hubroam.building import BuildOptions, Built, Show, build_folder, fetch
from hubroam.checking.book import Book, read_book
from hubroam.checking.code import CodeFacts, Use, read_code
from hubroam.checking.copying import copy_book
from hubroam.checking.kernels import choose_kernel, kernels_of
from hubroam.checking.observations import code_findings, network_findings
from hubroam.checking.packages import ask_environment, local_modules, package_findings
from hubroam.checking.pages import Page, PageUnreadable, read_page
from hubroam.checking.recipebook import in_folder, pin_findings, read_recipe_book
from hubroam.checking.report import Finding, Needs, PageError, PageReport, Report
from hubroam.checking.running import Limits, PageRun
from hubroam.environments import Environment, Image, LocalBuilder, lay_over
from hubroam.errors import BuildError, RecipeError, RecipeUnsupported
from hubroam.recipes import DirectoryFiles, Files, FolderFiles, Recipe, naming, read_recipe
from hubroam.spec import BinderSpec

_ORDER = {"fault": 0, "warning": 1, "info": 2}


@dataclass(frozen=True)
class Wishes:
    """What the author wants of a check.

    Attributes:
        jobs: How many pages run at once; None for as many as there are cores.
        limits: What each page may use.
        only: Patterns of the pages to run; none for all.
        build: How the recipe is built; a lock is not asked for.
    """

    jobs: int | None = None
    limits: Limits = field(default_factory=Limits)
    only: tuple[str, ...] = ()
    build: BuildOptions = field(default_factory=BuildOptions)


async def check(what: str, data_dir: Path, show: Show, wishes: Wishes) -> Report:
    """Check a book.

    Args:
        what: A folder, a Binder spec, or a repository's URL. A folder is copied first: nothing in
            it is changed. Where it is part of a git repository, files that git ignores are left
            out, since hubs do not get them.
        data_dir: Where environments and mirrors are kept.
        show: Takes phase and message of each step.
        wishes: What the author wants.

    Raises:
        SpecError: `what` is no folder and cannot be read.
        RepositoryError: The repository cannot be had.
        PathNotFound: There is no such folder with a recipe.
    """
    began = time.monotonic()
    work = data_dir / "checks" / secrets.token_hex(6)
    work.mkdir(parents=True, mode=0o700)
    try:
        content = work / "content"
        folder = Path(what)
        if folder.is_dir():
            whole = bool(wishes.build.env_path)
            place = await asyncio.to_thread(copy_book, folder.resolve(), content, whole=whole)
            root = content / place
        else:
            spec = BinderSpec.from_text(what)
            resolved, mirror = await fetch(spec, data_dir, show, wishes.build.config)
            await mirror.files(resolved.commit)  # or it is too large
            await mirror.checkout(resolved.commit, content, origin=resolved.clone_url)
            root = content
        report = await _Check(content, root, work, data_dir, show, wishes).run()
    finally:
        await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)
    report.seconds = time.monotonic() - began
    return report


class _Check:
    def __init__(
        self, content: Path, root: Path, work: Path, data_dir: Path, show: Show, wishes: Wishes
    ) -> None:
        self._content = content
        self._root = root
        self._work = work
        self._data_dir = data_dir
        self._show = show
        self._wishes = wishes
        self._report = Report()
        self._reports: dict[str, PageReport] = {}

    async def run(self) -> Report:
        book = read_book(self._root)
        self._report.findings += book.findings
        pages = self._read_pages(book)
        code = {path: read_code(page) for path, page in pages.items() if page.language in _PYTHON}
        for path, facts in code.items():
            self._report.findings += code_findings(path, facts)
        if not self._reports:
            self._report.findings.append(
                Finding(
                    "no-pages",
                    "fault",
                    "There is no page that could run.",
                    "Name the folder of the book; pages are notebooks, and Markdown with code-cell "
                    "directives and a kernelspec in its frontmatter.",
                )
            )
        else:
            await self._build_and_run(book, pages, code)
        self._report.pages = list(self._reports.values())
        self._report.findings.sort(key=lambda finding: _ORDER[finding.severity])
        return self._report

    def _read_pages(self, book: Book) -> dict[str, Page]:
        """The pages to run; what is known of the others already is put into the report."""
        pages = {}
        for path in book.pages:
            if self._wishes.only and not any(fnmatch(path, only) for only in self._wishes.only):
                continue
            try:
                page = read_page(self._root, path, book)
            except PageUnreadable as error:
                why = PageError(str(error), "Correct the file, or write the page anew.")
                self._reports[path] = PageReport(path, error=why)
                continue
            if page is None:
                continue
            skipped = book.excluded.get(path) or page.skipped
            self._reports[path] = PageReport(path, skipped=skipped)
            if not skipped:
                pages[path] = page
        return pages

    async def _build_and_run(
        self, book: Book, pages: dict[str, Page], code: dict[str, CodeFacts]
    ) -> None:
        folder = self._wishes.build.env_path
        files: Files = DirectoryFiles(self._content)
        if folder:
            files = FolderFiles(files, folder)
        try:
            options = self._wishes.build
            built = await build_folder(self._content, self._data_dir, self._show, options)
        except (RecipeError, BuildError) as error:
            honoured = f" hubroam's local builder honours {', '.join(LocalBuilder.recipe_files)}."
            more = honoured if isinstance(error, RecipeUnsupported) else ""
            self._report.findings.append(
                Finding(error.code, "fault", error.message, error.next_step + more)
            )
            for path in pages:
                why = PageError("It was not run: there is no environment.", error.next_step)
                self._reports[path] = PageReport(path, error=why)
            return
        environment = built.environment
        if environment.image is not None:
            await self._run_in_image(book, pages, environment.image)
            self._report.findings += network_findings(self._reports, code)
            return
        if environment.overlay is not None:
            await asyncio.to_thread(lay_over, environment.overlay, self._content / folder)
        await self._run_pages(book, pages, environment)
        with naming(folder):
            recipe = read_recipe(files)
        await self._judge(files, recipe, built, code)

    async def _run_in_image(self, book: Book, pages: dict[str, Page], image: Image) -> None:
        # with the packages of hubroam[container], by which the image was built
        from hubroam.checking.images import ImageRun
        from hubroam.environments.containers.engine import ContainerEngine

        engine = ContainerEngine(config=self._wishes.build.config)
        slots = asyncio.Semaphore(self._wishes.jobs or len(os.sched_getaffinity(0)))

        async def run(page: Page) -> None:
            async with slots:
                run = ImageRun(
                    page,
                    engine=engine,
                    image=image,
                    place=PurePosixPath((self._root / page.path).parent.relative_to(self._content)),
                    content=self._content if self._wishes.build.env_path else None,
                    limits=self._wishes.limits,
                    allow_errors=book.allow_errors,
                )
                report = self._reports[page.path] = await run.run()
            self._show("running", f"{page.path} {'runs' if report.ok else 'fails'}")

        async with asyncio.TaskGroup() as group:
            for page in pages.values():
                group.create_task(run(page))

    async def _run_pages(
        self, book: Book, pages: dict[str, Page], environment: Environment
    ) -> None:
        kernels = kernels_of(environment.path)
        slots = asyncio.Semaphore(self._wishes.jobs or len(os.sched_getaffinity(0)))
        done = 0

        async def run(page: Page, folder: Path) -> None:
            nonlocal done
            kernel, finding, error = choose_kernel(page, kernels)
            if finding is not None:
                self._report.findings.append(finding)
            if kernel is None:
                self._reports[page.path] = PageReport(page.path, error=error)
            else:
                async with slots:
                    run = PageRun(
                        page,
                        kernel,
                        environment=environment,
                        content=self._content,
                        root=self._root,
                        folder=folder,
                        limits=self._wishes.limits,
                        allow_errors=book.allow_errors,
                        say=self._teller(page.path),
                    )
                    self._reports[page.path] = await run.run()
            done += 1
            report = self._reports[page.path]
            result = "runs" if report.ok else "fails"
            self._show("running", f"{done} of {len(pages)} pages: {page.path} {result}")

        async with asyncio.TaskGroup() as group:
            for number, page in enumerate(pages.values()):
                group.create_task(run(page, self._work / str(number)))

    def _teller(self, path: str) -> Callable[[str], None]:
        return lambda what: self._show("running", f"{path}: {what}")

    async def _judge(
        self, files: Files, recipe: Recipe, built: Built, code: dict[str, CodeFacts]
    ) -> None:
        """What is known once the pages have run."""
        findings = self._report.findings
        missing = {
            path: report.error.missing
            for path, report in self._reports.items()
            if report.error and report.error.missing
        }
        for path, module in missing.items():
            if path in code and module not in {use.text for use in code[path].imports}:
                # imported by a module of the book, or in a way that cannot be read
                error = self._reports[path].error
                code[path].imports.append(Use(error.cell or 1 if error else 1, None, module))
        names = {use.text for facts in code.values() for use in facts.imports}
        installed = await ask_environment(built.environment, names)
        folder = self._wishes.build.env_path
        recipe_book = read_recipe_book(recipe, files, folder)
        if recipe.kind == "default":
            findings.append(
                Finding(
                    "no-recipe",
                    "warning",
                    f"{folder or 'The repository'} has no Binder recipe, so readers get a plain "
                    "Python.",
                    "Name the packages of the book in "
                    f"{in_folder('binder/requirements.txt', folder)}.",
                )
            )
        findings += package_findings(
            code,
            self._reports,
            installed,
            recipe_book,
            local_modules(DirectoryFiles(self._content).names()),
        )
        findings += pin_findings(recipe_book, recipe, dict(installed.versions))
        findings += network_findings(self._reports, code)
        self._report.needs = Needs(
            digest=built.environment.digest,
            cached=built.cached,
            build_seconds=round(built.environment.seconds, 3),
            environment_bytes=await asyncio.to_thread(_size, built.environment.path.parent),
            memory=max((page.memory for page in self._reports.values()), default=0),
        )


_PYTHON = {None, "python", "python3", "ipython", "ipython3"}


def _size(folder: Path) -> int:
    """Bytes on disk below a folder; what is there by several names is counted once."""
    seen: set[tuple[int, int]] = set()
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            facts = Path(where, name).lstat()
            if (facts.st_dev, facts.st_ino) not in seen:
                seen.add((facts.st_dev, facts.st_ino))
                total += facts.st_blocks * 512
    return total
