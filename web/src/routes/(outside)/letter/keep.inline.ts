// Stands inside the HTML of the letter page, behind the form.
import { keepDraft } from './keep.ts'

const field = document.querySelector('textarea')
if (field) {
  const keeper = keepDraft(field)
  window.keeper = keeper
  // A tap on 寄出 before the page can send is remembered, not lost.
  field.form?.addEventListener('submit', (event) => {
    event.preventDefault()
    keeper.sendAsked = true
  })
}
