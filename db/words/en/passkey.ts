import type { passkey as zh } from '../zh/passkey.ts'
import type { Words } from '../words.ts'

export const passkey: Words<typeof zh> = {
  signIn: {
    title: 'Officers’ sign-in',
    button: 'Sign in with a passkey',
    working: 'Please confirm in the window that opens …',
    how: 'With a device you have registered: fingerprint, face, screen lock, or a security key',
    lost: 'No passkey, or the device is lost? Ask an admin or a leader of your house for a code',
    enrol: 'I have a code',
  },
  enrol: {
    title: 'Register a passkey',
    code: 'Code',
    codeHint: 'The code that your admin gave you. Nothing to type where you scanned a QR code',
    look: 'Check it',
    looking: 'Checking …',
    check: 'Please check. If this is not you, close the page and tell the admin',
    house: 'House',
    you: 'Name',
    roles: 'Roles',
    what: 'A passkey stays in your device. From now on you sign in with your fingerprint, face or screen lock, with no text message and no password. Register it on a device that is yours, and let nobody do it for you',
    button: 'Register, and sign in',
    wrong: 'This code cannot be used: it may be used up or expired. Ask the admin for a new one',
  },
  list: {
    title: 'My passkeys',
    intro:
      'Register at least two, on two devices, or on one device and a security key. Where one is lost, the other still signs you in',
    kinds: { securityKey: 'Security key', device: 'Kept in one device', synced: 'Synced by the device’s maker' },
    since: (when) => `Registered ${when}`,
    used: (when) => `Last used ${when}`,
    last: 'This is the only one and cannot be removed. Register another one first',
    remove: 'Remove',
    removeSure: 'Remove this passkey? Devices signed in with it are signed out at once. This goes on the record',
    add: 'Register another one',
    addFirst: 'First confirm with a passkey you have that it is you',
    confirm: 'Confirm it is me',
    addNext: 'Confirmed. Now register the new one: choose another phone, or plug in a security key',
    register: 'Register a new passkey',
    added: 'Registered',
    loading: 'Opening …',
    close: 'Close',
  },
  trouble: {
    cancelled: 'Not completed: it was cancelled, or took too long. Please try again',
    wrong: 'This passkey cannot be used: never registered, removed, or the post has ended. Ask an admin of your house',
    known: 'This device is registered already. Use another device or a security key',
    unable: 'This device cannot keep a passkey. Set a screen lock first, or use a security key with a PIN',
    silent: 'The server cannot be reached. Signing in needs a network; try again when it is back',
    tooMany: 'Tried too often. Please try again in a while',
    failed: 'The browser did not complete this step. Please try again',
    code: 'The code is used up or expired. Ask the admin for a new one',
  },
  impossible: {
    unsupported:
      'This browser has no passkeys. Open this page in a current Chrome, Edge, Firefox or Safari; inside WeChat choose “Open in browser”',
    insecure: 'This address is not HTTPS, so the browser uses no passkeys. Open the https address that your house gave',
    address: 'A page opened by a numeric address (IP) uses no passkeys. Open it by the name that your house gave',
  },
}
