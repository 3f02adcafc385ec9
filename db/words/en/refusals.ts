import type { refusals as zh } from '../zh/refusals.ts'
import type { Words } from '../words.ts'

export const refusals: Words<typeof zh> = {
  not_allowed: 'This cannot be done now. Somebody may have done it already; please look at the timeline',
  stale: 'The content changed after you looked at it. Please look at the new one and decide again',
  check_input: 'One field is not right. Please correct it and try again',
  needs_failed:
    'The step before this one was not carried out, so this one was not sent. All that you wrote is here; please look at it first',
  mandate_ended: 'The leave to act for them has ended, so this was not done. What you wrote is still here',
  closed: 'This service is not open for your relative now. Please telephone the facility with any question',
  id_reused: 'This step did not go through. Please try again; what you wrote is still here',
  too_large: 'This is too long. Please shorten it and send it again',
  wrong_version: 'There is a new version. Please close the page and open it again; what you wrote is still here',
  taken: 'There is one like this already. Please choose another',
  wrong_code: 'This code is not right, or it has expired. Check it, or ask for a new one',
  too_many: 'That was tried too often. Please try again a little later',
  unreachable: 'The message cannot be sent now. Please try again in a few minutes',
}
