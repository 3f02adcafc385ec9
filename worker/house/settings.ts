// What a house opens to whom, and by when it owes an answer.
import { Hono } from 'hono'
import { ChangeSettings, Retention } from '#db/house.ts'
import type { Id } from '#db/id.ts'
import { ledger } from '#db/ledger.ts'
import { kinds } from '#db/matters/index.ts'
import { checked, refuse } from '../checked.ts'
import { append } from '../record/append.ts'
import { tieNews } from './news.ts'
import { may, type InHouse } from './may.ts'

export const settings = new Hono<InHouse>()
  .post('/', ...may('settings'), checked(ChangeSettings), async (c) => {
    const { kind, settings } = c.var.input
    const facility = c.var.post.house.id
    const states = kinds.get(kind)?.states ?? []
    const stranger = Object.keys(settings.dueHours).find((state) => !states.includes(state))
    if (stranger !== undefined) return refuse(c, 'check_input', 'settings.dueHours')

    const db = ledger(c.env, facility)
    const ties = await db
      .prepare(`SELECT id, account FROM kinship WHERE facility = ? AND ended_at IS NULL`)
      .bind(facility)
      .all<{ id: Id; account: Id }>()
    const write = db
      .prepare(
        `INSERT INTO setting (facility, kind, settings) VALUES (?1, ?2, ?3)
       ON CONFLICT (facility, kind) DO UPDATE SET settings = ?3`,
      )
      .bind(facility, kind, JSON.stringify(settings))
    await append(
      c.env,
      facility,
      c.var.actor,
      [
        {
          subject: facility,
          move: 'settings',
          facts: { kind, ...settings.access },
          content: { settings },
          tell: ties.results.map((tie) => tieNews(facility, tie)),
        },
      ],
      () => [write],
    )
    return c.json({})
  })

  // It holds for all who have left, also before it was changed.
  .post('/retention', ...may('retention'), checked(Retention), async (c) => {
    const facility = c.var.post.house.id
    const { years, answerDays, source } = c.var.input
    const entry = { subject: facility, move: 'retention', facts: { years, answerDays }, content: { source } }
    await append(c.env, facility, c.var.actor, [entry], (db) => [
      db.prepare(`UPDATE house SET retention = ? WHERE id = ?`).bind(JSON.stringify(c.var.input), facility),
    ])
    return c.json({})
  })
