import { formatBytes } from './byte-text.ts'

export interface Sample {
  /** `/group1/M00/00/00/..` */
  readonly path: string
  readonly name: string
  readonly contentType: string
  readonly size: number
}

const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent) }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 3rem; font: 1rem/1.5 system-ui, sans-serif }
h1 { font-size: 1.5rem; margin: 0 0 .25rem }
p { margin: 0 0 1.5rem; max-width: 46rem }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 1.25rem;
     grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)) }
li { border: 1px solid var(--line); border-radius: .5rem; overflow: hidden }
img, video { display: block; width: 100%; aspect-ratio: 3 / 2; object-fit: cover; background: #111 }
div { padding: .75rem 1rem 1rem }
a { overflow-wrap: anywhere; color: LinkText }
small { display: block; opacity: .8 }
code { font-size: .9em }
`

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}

function renderSample({ path, name, contentType, size }: Sample): string {
  const url = escapeHtml(path)
  const media = contentType.startsWith('video/')
    ? `<video src="${url}" controls preload="metadata" aria-label="${escapeHtml(name)}"></video>`
    : `<img src="${url}" alt="${escapeHtml(name)}" loading="lazy">`
  const about = `${escapeHtml(name)} · ${escapeHtml(contentType)} · ${formatBytes(size)}`
  return `<li>${media}<div><a href="${url}">${url}</a><small>${about}</small></div></li>`
}

/** The page that `dfs-edge up` shows at `/`: what is in the store, each by its public URL. */
export function renderSamplePage(samples: readonly Sample[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>dfs-edge: samples</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>dfs-edge is serving</h1>
<p>These files lie in the FastDFS store that was started along with the edge. Put in one of your own
with <code>dfs-edge fdfs upload FILE</code> and open this page's address followed by
the id that it prints.</p>
<ul>
${samples.map(renderSample).join('\n')}
</ul>
</main>
</body>
</html>
`
}
