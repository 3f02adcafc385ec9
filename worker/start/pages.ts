// What only the local server shows. Plain HTML: it must work before anything of the product does.
import { html } from 'hono/html'
import type { Kept } from './inbox.ts'

/** The one-time codes that this server would have sent as text messages. */
export const codesPage = (messages: readonly Kept[]) =>
  html`<!doctype html>
    <html lang="zh-CN">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="refresh" content="3" />
        <title>验证码 · codes (local)</title>
        <style>
          body {
            font:
              18px/1.6 system-ui,
              sans-serif;
            max-width: 40rem;
            margin: 2rem auto;
            padding: 0 1rem;
          }
          li {
            margin: 1rem 0;
          }
          b {
            font-size: 2rem;
            letter-spacing: 0.2em;
          }
        </style>
      </head>
      <body>
        <h1>验证码 · codes</h1>
        <p>只有本机有这个页面，短信不会真的发出。 Only this machine has this page: no message leaves it.</p>
        ${messages.length === 0 ? html`<p>还没有短信。 No messages yet.</p>` : ''}
        <ul>
          ${messages.map(
            ({ to, code, text, at }) =>
              html`<li>${new Date(at).toLocaleTimeString('zh-CN')} · ${to}<br /><b>${code}</b><br />${text}</li>`,
          )}
        </ul>
      </body>
    </html>`
