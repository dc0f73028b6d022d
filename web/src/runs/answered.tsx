// The answer to a question about a run: progress, the finding, and its tables and pictures to download.

import type { Finding } from '../model'
import type { Asked } from '../parts/asking'
import { FindingView } from '../parts/finding'
import { Working } from '../parts/working'
import { tr } from '../texts'

export function Answered({ finding, zip, take }: {
  finding: Asked<Finding>
  zip: Asked<Blob>
  take: () => Promise<void>
}) {
  return (
    <>
      <Working asked={finding} />
      {finding.value && (
        <>
          <FindingView finding={finding.value} level={4} />
          <button type="button" disabled={zip.since !== null} onClick={() => void take()}>
            {tr('Export: tables and pictures (zip)')}
          </button>
          <Working asked={zip} what={tr('Packing')} />
        </>
      )}
    </>
  )
}
