// Watches the disk: says when the open file changes there, or more of its draft is read, and asks before unsaved text is left.

import { get } from '../api'
import { conflict, file, isShipped } from '../crisis'

const EVERY = 2000

export function watchDisk(): void {
  const look = async (): Promise<void> => {
    const opened = file.peek()
    if (document.hidden || !opened || isShipped(opened.path) || opened.savedSha === null) return
    try {
      const { sha, draft = null } = await get<{ sha: string | null; draft?: string }>('/api/file/state', { path: opened.path })
      const now = file.peek()
      if (now?.path !== opened.path || now.savedSha !== opened.savedSha) return
      if (now.draft !== draft) file.value = { ...now, draft }
      if (sha === now.savedSha) conflict.value = null
      else if (conflict.peek()?.sha !== sha || !conflict.peek()) conflict.value = { sha, text: null }
    } catch {
      // the server does not answer; the text stays here, and the next save reports it
    }
  }
  window.setInterval(() => void look(), EVERY)
  document.addEventListener('visibilitychange', () => void look())
  window.addEventListener('beforeunload', (event) => {
    if (file.peek()?.dirty) event.preventDefault()
  })
}
