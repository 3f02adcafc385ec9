// The words of the administration, asked for once.
import { house } from '#db/words/zh/house.ts'
import { words } from '#web/look/words.svelte.ts'
import { administration } from './house.svelte.ts'

export const houseText = words(house, () => import('#db/words/en/house.ts').then((en) => en.house))

/** What the legal statuses are called in the house that is being run: it depends on its kind. */
export const statusNames = () => houseText.now.statuses[administration.view?.house.kind ?? 'detention']
