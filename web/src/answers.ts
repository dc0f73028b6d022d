// The answers of late to settings of one text, so that a setting is not solved twice.

import type { Solved } from './live'
import type { Setting } from './model'

/** Number of answers kept. */
const MOST = 200
const answers = new Map<string, Promise<Solved | null>>()
let of: Setting | null = null

export function sameText(one: Setting, other: Setting): boolean {
  return one.text === other.text && one.path === other.path
}

/** The answer to a setting, which may still be under way; null if there is none of late, or it was refused. */
export async function kept(asked: Setting): Promise<Solved | null> {
  return of && sameText(of, asked) ? (answers.get(keyOf(asked)) ?? null) : null
}

/** The same answer, kept unless it is a refusal. */
export async function keep(asked: Setting, answer: Promise<Solved>): Promise<Solved> {
  if (of && !sameText(of, asked)) answers.clear()
  of = asked
  const key = keyOf(asked)
  answers.set(key, answer.catch(() => null))
  for (const oldest of answers.keys()) if (answers.size > MOST) answers.delete(oldest)
  try {
    return await answer
  } catch (error) {
    answers.delete(key)
    throw error
  }
}

function keyOf({ given, levers, rationality, now, supposed }: Setting): string {
  return JSON.stringify([given, levers, rationality, now, supposed])
}
