/** A line that some store could choke on, and how it is found afterwards. */
export interface Poison {
  readonly what: string
  readonly text: string | Buffer
  /** What a query of Elasticsearch must find it by; absent where the line itself is not asked for. */
  readonly by?: object
  /** Elasticsearch gets the safe form, with a reason that fits. */
  readonly safe?: RegExp
}

const term = (field: string, value: string | number) => ({ term: { [field]: value } })
const range = (field: string, from: number, to: number) => ({ range: { [field]: { gte: from, lte: to } } })
const match = (field: string, words: string) => ({ match_phrase: { [field]: words } })
const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
const keys = (count: number, value: (i: number) => string): string =>
  `{${Array.from({ length: count }, (_, i) => `"k${i}":${value(i)}`).join(',')}}`

/** App lines, each at odds with JSON, with Elasticsearch's mapping, or with another one of them. */
export const poison: readonly Poison[] = [
  { what: 'duplicate keys', text: '{"a":1,"a":2}', by: term('app.a', '2') },
  {
    what: 'duplicate keys of ours',
    text: '{"msg":"one","msg":"two","level":"warn","level":9}',
    by: match('message', 'two')
  },
  { what: 'JSON at the depth limit', text: nested(20), by: term('stream', 'stdout') },
  { what: 'JSON beyond the depth limit', text: nested(21), safe: /nested deeper/ },
  { what: 'JSON deeper than any stack', text: nested(20_000), by: match('message', '1') },
  {
    what: 'arrays deeper than any stack',
    text: `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
    by: match('message', 'a')
  },
  { what: 'a number that no double holds', text: '{"a":1e400,"b":"x"}', by: term('app.b', 'x') },
  { what: 'a number of 2,000 digits', text: `{"a":${'9'.repeat(2000)},"b":"x"}`, by: term('app.b', 'x') },
  {
    what: 'numbers at the edges',
    text: '{"a":-0,"b":1e-400,"c":9223372036854775808,"d":1.7976931348623157e308}',
    by: range('app_num.d', 1e308, Number.MAX_VALUE)
  },
  { what: '10,000 keys', text: keys(10_000, i => `${i % 10}`), by: term('app.k9999', '9') },
  { what: '5,000 keys with texts', text: keys(5000, i => `"v${i}"`), by: term('app.k4999', 'v4999') },
  {
    what: 'dotted, empty and blank keys',
    text: '{"":1,".":2," ":3,"a.":4,".a":5,"a..b":6,"a. .b":7,"x.y":8}',
    by: range('app_num.x.y', 8, 8)
  },
  { what: 'an object', text: '{"t":{"u":{"v":1}}}', by: range('app_num.t.u.v', 1, 1) },
  { what: 'a text where an object was', text: '{"t":"text"}', by: term('app.t', 'text') },
  { what: 'a number where an object was', text: '{"t":{"u":2}}', by: range('app_num.t.u', 2, 2) },
  { what: 'an array of everything', text: '{"t":[1,"x",{"u":null},[true,[{}]],1.5]}', by: term('app.t', 'x') },
  { what: 'a boolean where a number was', text: '{"t":{"u":true}}', by: term('app.t.u', 'true') },
  { what: 'a text of 9,000 characters', text: `{"a":"${'x'.repeat(9000)}","b":"x"}`, by: term('app.b', 'x') },
  {
    what: 'a text of 8,191 characters of three bytes',
    text: `{"a":"${'€'.repeat(8191)}","b":"x"}`,
    by: term('app.b', 'x')
  },
  { what: 'a text of 40,000 bytes', text: `{"a":"${'x'.repeat(40_000)}","b":"x"}`, by: term('app.b', 'x') },
  {
    what: 'a message of 40,000 bytes without a space',
    text: `{"msg":"${'x'.repeat(40_000)}","b":"x"}`,
    by: term('app.b', 'x')
  },
  { what: 'a key of 32,767 bytes', text: `{"${'k'.repeat(32_767)}":1}`, safe: /immense|Keys/ },
  {
    what: 'a key and a text of 32,767 bytes together',
    text: `{"${'k'.repeat(9000)}":"${'€'.repeat(8191)}"}`,
    safe: /immense|Keys/
  },
  { what: 'a plain line of 100,000 bytes', text: 'y'.repeat(100_000), by: term('log.level', 'info') },
  {
    what: 'dates that are none',
    text: '{"time":"2026-13-45T99:99:99Z","@timestamp":"yesterday","msg":"when"}',
    by: match('message', 'when')
  },
  {
    what: 'dates out of range',
    text: '{"timestamp":"+275761-01-01T00:00:00Z","time":1e300,"msg":"when"}',
    by: match('message', 'when')
  },
  { what: 'NUL in a key', text: '{"a\\u0000b":1}', safe: /Keys|null/ },
  { what: 'NUL in a text', text: '{"a":"b\\u0000c","d":"x"}', by: term('app.d', 'x') },
  { what: 'NUL itself', text: 'a\0b c', by: match('message', 'c') },
  { what: 'control characters', text: '{"a":"\u0001\u001b","b":1}', by: { exists: { field: 'message' } } },
  {
    what: 'bytes that are no UTF-8',
    text: Buffer.from('caf\xe9 \xff\xfe ordered', 'latin1'),
    by: match('message', 'ordered')
  },
  {
    what: 'JSON with bytes that are no UTF-8',
    text: Buffer.from('{"a":"caf\xe9","b":"x"}', 'latin1'),
    by: term('tags', 'not_utf8')
  },
  {
    what: 'UTF-8 of a surrogate',
    text: Buffer.from('surrogate \xed\xa0\x80 here', 'latin1'),
    by: match('message', 'here')
  },
  {
    what: 'lone surrogates',
    text: '{"k\\ud800":"v\\udfff","level":"\\ud800","msg":"\\ud800 alone"}',
    by: match('message', 'alone')
  },
  {
    what: 'names of metadata fields',
    text: '{"_id":"x","_source":2,"_index":"y","@timestamp":3,"app_num":{"x":4}}',
    by: term('app._id', 'x')
  },
  {
    what: 'names of our own fields',
    text: '{"event":{"id":"x"},"cloudfoundry":"none","tags":5,"message":"ours","log":"y"}',
    by: match('message', 'ours')
  },
  {
    what: 'names of prototypes',
    text: '{"__proto__":{"a":1},"constructor":"x","toString":2,"hasOwnProperty":3}',
    by: term('app.constructor', 'x')
  },
  {
    what: 'known fields of other types',
    text: '{"msg":{"a":1},"level":{"b":[]},"time":[],"error":7,"trace_id":{},"span.id":[1]}',
    by: term('app.error', '7')
  },
  {
    what: 'an error of everything',
    text: '{"msg":"failed","err":{"type":{"a":1},"message":["x"],"stack":{"b":2}}}',
    by: match('message', 'failed')
  },
  { what: 'null and empty values', text: '{"a":null,"b":{},"c":[],"d":"","e":"x"}', by: term('app.e', 'x') },
  { what: 'JSON that is cut off', text: '{"a":{"b":', by: match('message', 'b') },
  { what: 'line feeds and separators', text: 'one\ntwo\u2028three\u0085four\r', by: match('message', 'four') },
  {
    what: 'a second bulk action',
    text: '{"msg":"x"}\n{"create":{"_id":"1"}}\n{"a":1}',
    by: match('message', 'create')
  },
  { what: 'nothing', text: '', by: { exists: { field: '@timestamp' } } }
]

export interface OddFrame {
  readonly what: string
  /** The frame's bytes, with a word in it by which its line is found. */
  readonly frame: (word: string) => string | Buffer
  /** What the document says of it. */
  readonly tags?: readonly string[]
}

const header = (time: string, word: string, structured = '-') =>
  `<14>1 ${time} o.s.a app [APP/PROC/WEB/0] - ${structured} ${word}\n`
const tagged = (parameters: string, word: string) => header(time, word, `[tags@47450 ${parameters}]`)
const time = '2026-11-24T04:29:03.785942+00:00'
const outOfRange = ['time_out_of_range']
const unparsed = ['unparsed']

/** Frames whose header, structured data or access line is at odds with the formats, or with what stores can hold. */
export const oddFrames: readonly OddFrame[] = [
  ...['9999-12-31T23:59:59+00:00', '1600-01-01T00:00:00Z', '2262-04-11T23:47:17Z', '-'].map(
    (odd): OddFrame => ({ what: `the time ${odd}`, frame: word => header(odd, word), tags: outOfRange })
  ),
  { what: 'no time', frame: word => `<14>1 yesterday o.s.a app [APP/PROC/WEB/0] - - ${word}\n` },
  { what: 'the year 1969', frame: word => header('1969-12-31T23:59:59.999999+00:00', word) },
  { what: 'a log of unknown type', frame: word => `<-1>1 ${time} o.s.a app [APP/PROC/WEB/0] - - ${word}\n` },
  { what: 'the highest priority', frame: word => `<191>1 ${time} o.s.a app [APP/PROC/WEB/0] - - ${word}\n` },
  { what: 'a priority that is none', frame: word => `<99999>1 ${time} o.s.a app - - - ${word}\n`, tags: unparsed },
  { what: 'a bare word', frame: word => word, tags: unparsed },
  { what: 'RFC 3164', frame: word => `<34>Oct 11 22:14:15 mymachine su: ${word}`, tags: unparsed },
  { what: 'bytes and a word', frame: word => Buffer.from(`\xff\xfe\0\x01 ${word} \x80`, 'latin1') },
  {
    what: 'structured data without an end',
    frame: word => `<14>1 ${time} o.s.a app [APP/0] - [tags@47450 a="${word}\n`
  },
  { what: 'a tag of 33,000 bytes', frame: word => tagged(`a="${'x'.repeat(33_000)}"`, word) },
  { what: 'a tag of 30,000 bytes of UTF-8', frame: word => tagged(`a="${'€'.repeat(10_000)}"`, word) },
  {
    what: 'a tag with a name of 33,000 bytes',
    frame: word => tagged(`${'k'.repeat(33_000)}="x"`, word),
    tags: ['safe_form']
  },
  { what: '2,000 tags', frame: word => tagged(Array.from({ length: 2000 }, (_, i) => `t${i}="${i}"`).join(' '), word) },
  {
    what: 'tags with odd names',
    frame: word => tagged('.="1" a.="2" .a="3" a..b="4" _id="5" __proto__="6" a="7" a.b="8"', word)
  },
  { what: 'NUL in a tag', frame: word => tagged('a="b\0c"', word) },
  { what: 'a header of 40,000 bytes', frame: word => `<14>1 ${time} ${'h'.repeat(40_000)} app [APP/0] - - ${word}\n` },
  {
    what: 'an access line of huge numbers',
    frame: word => access(word, `${'9'.repeat(40)} ${'9'.repeat(20)} -5`, '1e999')
  },
  { what: 'an access line of words', frame: word => access(word, 'OK none many', 'soon') },
  {
    what: 'a platform event',
    frame: word => `<14>1 ${time} o.s.a app [0] - [event@47450 title="${word}" body="${word} x"] \n`
  }
]

const access = (word: string, numbers: string, seconds: string): string =>
  `<14>1 ${time} o.s.a app [RTR/0] - - shop.example.com - [2026-11-24T04:29:03.785942000Z] "GET /${word}/%zz HTTP/1.1" ${numbers} ` +
  `"-" "agent\\x" "999.1.1.1:70000" "here" x_forwarded_for:"a, b" x_forwarded_proto:"gopher" vcap_request_id:"" ` +
  `response_time:${seconds} gorouter_time:-1 app_id:"app" app_index:"x" x_cf_routererror:"-"\n`
