// Opens a file at the start: the one in the address, or the one given to `offramp app`, or the Tehran crisis.

import { get } from './api'
import { openFile } from './crisis'
import { solved } from './live'
import { hello, sayError } from './session'
import { follow, keepAddress } from './share'
import { offerTour } from './tour'
import { keepDrafts } from './write/drafts'
import { watchDisk } from './write/watching'

const FIRST = 'shipped:tehran-2024'

export async function openWorkbench(): Promise<void> {
  keepDrafts()
  watchDisk()
  try {
    if (!(await follow(location.hash))) await openFirst()
  } catch (error) {
    sayError(error)
    await openFirst().catch(sayError)
  }
  keepAddress()
  const shown = solved.subscribe((first) => {
    if (!first) return
    queueMicrotask(() => shown())
    requestAnimationFrame(() => requestAnimationFrame(offerTour))
  })
}

async function openFirst(): Promise<void> {
  const given = hello.peek()?.opened
  if (given) return openFile(given)
  const { shipped } = await get<{ shipped: { path: string }[] }>('/api/files')
  const first = shipped.find((one) => one.path === FIRST) ?? shipped[0]
  if (first) await openFile(first.path)
}
