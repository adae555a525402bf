/** A sentence in which addresses are links. */
export function Linked({ text }: { text: string }) {
  return (
    <>
      {text.split(/(https?:\/\/[^\s,;()]+)/).map((piece, index) =>
        index % 2 === 0 ? (
          piece
        ) : (
          <a key={piece} href={piece} target="_blank" rel="noreferrer">
            {piece}
          </a>
        )
      )}
    </>
  )
}
