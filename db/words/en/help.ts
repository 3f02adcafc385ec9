import type { help as zh } from '../zh/help.ts'
import type { Words } from '../words.ts'

export const help: Words<typeof zh> = {
  title: 'Help',
  call: 'Ask by telephone',
  callNone: 'Once you are registered as a relative, the telephone number of the facility is here.',
  questions: [
    {
      ask: 'Can I write without a network?',
      answer:
        'Yes. Every word is saved on this phone. After “Send” the letter waits on the phone and goes to the facility by itself as soon as there is a network.',
    },
    {
      ask: 'What is the difference between “Saved on this phone” and “At the facility”?',
      answer:
        '“Saved on this phone” means that it has not left your phone. “At the facility” means that it has arrived and an officer will read it.',
    },
    {
      ask: 'How do I register as a relative?',
      answer:
        'There are two ways. At the window an officer gives you an invite, a QR code or a link: open it, check what it says and tap “register”. Or tap “Register a relative inside” on the first page, fill it in, and the facility checks it.',
    },
    {
      ask: 'I sent the wrong letter. What now?',
      answer:
        'You can take it back until an officer has decided. Open it and tap “Take back”; the text returns to your drafts.',
    },
    {
      ask: 'My letter came back. What now?',
      answer:
        'The passages that need a change are marked in it, with the reason and advice. Change them and send it again; the rest can stay as it is.',
    },
    {
      ask: 'Why the phone’s own browser?',
      answer:
        'Pages opened inside WeChat or QQ keep things in a place of their own: you cannot see them from elsewhere, and they may not open without a network.',
    },
    {
      ask: 'How do I put this on the home screen?',
      answer:
        'Android: open the browser’s menu and choose “Add to home screen”. iPhone: tap the share button at the bottom and choose “Add to Home Screen”.',
    },
  ],
}
