import type { outbox as zh } from '../zh/outbox.ts'
import type { Words } from '../words.ts'

export const outbox: Words<typeof zh> = {
  onPhone: 'Saved on this phone',
  onPage: 'Not sent yet',
  waiting: (count) => (count === 1 ? '1 thing not sent yet' : `${count} things not sent yet`),
  sent: 'All that you wrote has reached the house',
  states: {
    idle: '',
    sending: 'Sending',
    offline: 'No network. All that you wrote is saved on this phone and goes by itself once there is one',
    portal:
      'This network asks you to sign in to it first. All that you wrote is saved on this phone and goes by itself once you are connected',
    signedOut: 'Please sign in again. All that you wrote is saved on this phone and goes by itself after that',
    update:
      'There is a new version of the app. Please close this page and open it again; all that you wrote is still here',
    full: 'This phone has no room left. Please make some room, then open this page again',
  },
  heard: (at) => `Last in touch with the house: ${at}`,
  lost: (count) =>
    `The browser has thrown away what was kept on this phone. What the house has comes back by itself; ${
      count > 0
        ? `${count} not sent yet ${count === 1 ? 'is' : 'are'} gone: please write again`
        : 'half-written letters may be gone'
    }`,
  lostRead: 'I understand',
  notLasting:
    'This browser keeps nothing: what is not sent is lost with the page. Please stay online and close it only once it says that the house has it',
}
