// Inlined in the head of every page, before anything is painted: no flash of the wrong colours or sizes.
import { keptLook, wear } from './kept.ts'

wear(keptLook())
document.documentElement.dataset['room'] = location.pathname.split('/')[1] ?? ''
