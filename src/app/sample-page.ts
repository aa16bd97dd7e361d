import { formatBytes } from '../admin/byte-text.ts'

export interface Sample {
  /** Of its URL: `/group1/M00/00/00/..`, `/img/seller/a.jpg` */
  readonly path: string
  readonly name: string
  readonly contentType: string
  readonly size: number
}

/** The samples of one store. */
export interface SampleGroup {
  readonly title: string
  /** What their URLs are made of. */
  readonly about: string
  /** Puts in a file of one's own. */
  readonly command: string
  /** Where that file is then. */
  readonly result: string
  readonly samples: readonly Sample[]
}

const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent) }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 3rem; font: 1rem/1.5 system-ui, sans-serif }
h1 { font-size: 1.5rem; margin: 0 0 .25rem }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .25rem }
p { margin: 0 0 1.25rem; max-width: 46rem }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 1.25rem;
     grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)) }
li { border: 1px solid var(--line); border-radius: .5rem; overflow: hidden }
img, video { display: block; width: 100%; aspect-ratio: 3 / 2; object-fit: cover; background: #111 }
div { padding: .75rem 1rem 1rem }
a { overflow-wrap: anywhere; color: LinkText }
small { display: block; opacity: .8; overflow-wrap: anywhere }
code { font-size: .9em; overflow-wrap: anywhere }
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
  const text = escapeHtml(decodeURI(path))
  return `<li>${media}<div><a href="${url}">${text}</a><small>${about}</small></div></li>`
}

function renderGroup({ title, about, command, result, samples }: SampleGroup): string {
  return `<section>
<h2>${escapeHtml(title)}</h2>
<p>${escapeHtml(about)} Put in a file of your own with <code>${escapeHtml(command)}</code> and open
this page's address followed by ${escapeHtml(result)}.</p>
<ul>
${samples.map(renderSample).join('\n')}
</ul>
</section>`
}

/** The page that `dfs-edge up` shows at `/`: what is in the stores, each by its public URL. */
export function renderSamplePage(groups: readonly SampleGroup[]): string {
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
<p>These files lie in the two stores that were started along with the edge.</p>
${groups.map(renderGroup).join('\n')}
</main>
</body>
</html>
`
}
