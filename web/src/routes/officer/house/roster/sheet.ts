// A file that somebody has chosen, as rows of cells.
import { trusted } from '#web/look/install.ts'
import worker from './sheet.worker.ts?worker&url'

export type Sheet = { readonly cells: string[][] } | { readonly unread: 'xls' | 'other' | 'tooBig' }

const maxBytes = 10 * 1024 * 1024

export async function readSheet(file: File): Promise<Sheet> {
  if (file.size > maxBytes) return { unread: 'tooBig' }
  const reader = new Worker(trusted(worker))
  try {
    return await new Promise<Sheet>((done) => {
      reader.onmessage = ({ data }: MessageEvent<Sheet>) => done(data)
      reader.onerror = () => done({ unread: 'other' })
      reader.postMessage(file)
    })
  } finally {
    reader.terminate()
  }
}
