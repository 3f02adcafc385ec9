// What a bench of links says: one row for each combination, as a table and as a picture.
import type { Row } from './rows.ts'
import { links, linkNames } from './shapes.ts'

const colours = { etongban: '#1a7f4b', pouchdb: '#c2681a', rxdb: '#7a4fb5' } as const

export function table(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const time = row.complete ? row.seconds.toFixed(2) : `> ${row.seconds.toFixed(0)}, not done`
    const cells = [row.link, row.transport, row.work, row.client, time, row.best.toFixed(2)]
    const ratio = row.complete && row.best > 0 ? (row.seconds / row.best).toFixed(2) : '–'
    const weights = [row.bytesUp, row.bytesDown, row.requests, row.duplicates, row.resent]
    return `| ${[...cells, ratio, ...weights, row.runs].join(' | ')} |`
  })
  const says = linkNames.map((name) => `- **${name}**: ${links[name].says}`)
  return [
    '| link | over | work | client | seconds | best possible | ratio | bytes up | bytes down | requests | duplicates | re-sent | runs |',
    '| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...lines,
    '',
    ...says,
    '',
  ].join('\n')
}

/** Seconds on a logarithmic scale, one panel for each work and transport; a hollow bar was given up. */
export function plot(rows: readonly Row[]): string {
  const panels = [...new Set(rows.map(({ work, transport }) => `${work} over ${transport}`))]
  const [width, height, bar] = [420, 180, 14]
  const x = (link: string, nth: number) => 50 + linkNames.indexOf(link as Row['link']) * 60 + nth * bar
  const y = (seconds: number) =>
    height - 30 - (Math.log10(Math.max(0.05, seconds) / 0.05) / Math.log10(120 / 0.05)) * 130
  const clients = Object.keys(colours) as Row['client'][]

  const drawn = panels.map((panel, at) => {
    const mine = rows.filter(({ work, transport }) => `${work} over ${transport}` === panel)
    const bars = mine.map(({ link, client, seconds, complete }) => {
      const [left, top] = [x(link, clients.indexOf(client)), y(seconds)]
      const fill = complete ? colours[client] : 'none'
      return `<rect x="${left}" y="${top.toFixed(1)}" width="${bar - 2}" height="${(height - 30 - top).toFixed(1)}" fill="${fill}" stroke="${colours[client]}"/>`
    })
    const marks = linkNames.flatMap((link) => {
      const row = mine.find((row) => row.link === link)
      if (!row) return []
      const top = y(row.best).toFixed(1)
      return [`<path d="M${x(link, 0) - 3} ${top}h${3 * bar + 4}" stroke="#000" stroke-dasharray="3 2"/>`]
    })
    const names = linkNames.map((link) => `<text x="${x(link, 1)}" y="${height - 14}">${link}</text>`)
    const scale = [0.1, 1, 10, 100].map((s) => `<text x="10" y="${(y(s) + 4).toFixed(1)}">${s} s</text>`)
    const [column, line] = [at % 2, Math.floor(at / 2)]
    return `<g transform="translate(${column * width} ${40 + line * height})"><text x="50" y="14">${panel}</text>${[...scale, ...bars, ...marks, ...names].join('')}</g>`
  })
  const legend = clients.map(
    (client, nth) => `<text x="${50 + nth * 110}" y="20" fill="${colours[client]}">${client}</text>`,
  )
  const size = `width="${2 * width}" height="${60 + Math.ceil(panels.length / 2) * height}"`
  const note = `<text x="390" y="20">dashed: the best possible; hollow: not done</text>`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>${legend.join('')}${note}${drawn.join('')}</svg>\n`
}
