// The words of the kiosk, asked for once.
import { kiosk } from '#db/words/zh/kiosk.ts'
import { refusals } from '#db/words/zh/refusals.ts'
import { words } from '#web/look/words.svelte.ts'

export const kioskText = words(kiosk, () => import('#db/words/en/kiosk.ts').then((en) => en.kiosk))
export const refusalText = words(refusals, () => import('#db/words/en/refusals.ts').then((en) => en.refusals))
