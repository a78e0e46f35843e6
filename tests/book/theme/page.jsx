// A page of a MyST site, as its themes put it together from its JSON.
import { ANY_RENDERERS } from "@myst-theme/anywidget";
import { ArticleProvider, mergeRenderers, Theme, ThemeProvider } from "@myst-theme/providers";
import { DEFAULT_RENDERERS, MyST } from "myst-to-react";

const renderers = mergeRenderers([DEFAULT_RENDERERS, ANY_RENDERERS], true);

export function Page({ page: { kind, frontmatter, references, mdast } }) {
  return (
    <ThemeProvider theme={Theme.light} setTheme={() => {}} renderers={renderers}>
      <ArticleProvider kind={kind} frontmatter={frontmatter} references={references}>
        <article>
          <MyST ast={mdast.children} />
        </article>
      </ArticleProvider>
    </ThemeProvider>
  );
}
