// The words of these pages, asked for once.
import { letter } from '#db/words/zh/letter.ts'
import { officer } from '#db/words/zh/officer.ts'
import { refusals } from '#db/words/zh/refusals.ts'
import { words } from '#web/look/words.svelte.ts'

export const officerText = words(officer, () => import('#db/words/en/officer.ts').then((en) => en.officer))
export const letterText = words(letter, () => import('#db/words/en/letter.ts').then((en) => en.letter))
export const refusalText = words(refusals, () => import('#db/words/en/refusals.ts').then((en) => en.refusals))
