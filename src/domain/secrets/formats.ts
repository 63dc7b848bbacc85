import { isMixed, isPlaceholder, isRealPassword, isStrewn, looksRandom } from './looks.ts'

/**
 * One known form of a secret. `shape` is tried where one of `anchors` stands, `lead` characters before it; where it has a
 * group, the group alone is the secret.
 */
export type SecretFormat = {
  readonly kind: string
  /** At least four characters each, so that most text is passed over without a look at any shape. */
  readonly anchors: readonly string[]
  readonly lead: number
  /** How far behind the anchor the shape can end. */
  readonly reach: number
  /** What must follow at the first dot behind the anchor: told at once, where the shape alone would read on for long. */
  readonly atDot: string
  readonly shape: RegExp
  /** The shape where the text was joined out of pieces, and neither end of the secret can be seen any longer. */
  readonly joined: RegExp
  readonly isSecret: (found: string) => boolean
  /** What more is asked of a secret with the shape `joined`, which words that were put together may have by chance. */
  readonly isNoWord: (found: string) => boolean
  /** Many words and names end as it begins: it counts at an edge, or where it was decoded and hardly is a name or hash. */
  readonly isApart: boolean
}

type Given = {
  readonly kind: string
  readonly anchors: readonly string[]
  readonly shape: string
  readonly joined?: string
  readonly lead?: number
  readonly reach?: number
  readonly atDot?: string
  readonly isSecret?: (found: string) => boolean
  readonly isNoWord?: (found: string) => boolean
  readonly isApart?: boolean
}

const ALNUM = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789')
/** The beginnings of addresses that are given a password. */
const SCHEMES =
  '(?:https?|ftps?|sftp|ssh|git|svn|postgres|postgresql|pgsql|mysql|mariadb|mssql|sqlserver|oracle|mongodb|mongodb\\+srv|rediss?|valkeys?|amqps?|mqtts?|smtps?|imaps?|ldaps?|kafka|nats|clickhouse|cockroachdb|neo4j|bolt|couchbase|elasticsearch|socks[45]?h?|wss?|tcp|s3|cassandra|influxdb|snowflake|db2|memcached)'
const USUAL_REACH = 512
const DIGITS = Array.from('0123456789')
const cases = (word: string) => [word, word.toLowerCase(), word.toUpperCase()]
const before = (beginning: string, next: readonly string[]) => next.map((character) => beginning + character)
const apart = '(?<![A-Za-z0-9_-])'

/** The formats of the 2026 editions of the services, the long installation tokens of GitHub among them. */
export const secretFormats: readonly SecretFormat[] = [
  format({
    kind: 'github-token',
    anchors: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
    reach: 3100,
    shape: 'gh[pousr]_[A-Za-z0-9._-]{35,2000}[A-Za-z0-9_]',
    joined:
      'gh[pousr]_(?:[0-9]{1,12}_eyJ[A-Za-z0-9_-]{10,1000}\\.[A-Za-z0-9_-]{10,1000}\\.[A-Za-z0-9_-]{43,1000}|[A-Za-z0-9]{36})',
  }),
  format({
    kind: 'github-token',
    anchors: ['github_pat_'],
    shape: 'github_pat_[A-Za-z0-9_]{40,250}',
    joined: 'github_pat_[A-Za-z0-9_]{40,82}',
  }),
  format({
    kind: 'gitlab-token',
    anchors: ['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glft-', 'glcbt-', 'gloas-', 'glagent-', 'glsoat-', 'glimt-'],
    shape: 'gl[a-z]{2,5}-[A-Za-z0-9_.-]{19,400}[A-Za-z0-9_-]',
    joined: 'gl[a-z]{2,5}-[A-Za-z0-9_-]{20}',
  }),
  format({ kind: 'npm-token', anchors: ['npm_'], shape: 'npm_[A-Za-z0-9]{36}' }),
  format({ kind: 'pypi-token', reach: 1200, anchors: ['pypi-'], shape: 'pypi-[A-Za-z0-9_-]{50,1000}' }),
  format({
    kind: 'aws-access-key',
    anchors: ['AKIA', 'ASIA', 'ABIA', 'ACCA'],
    shape: '(?<![A-Z0-9])A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}(?![A-Z0-9])',
    joined: 'A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}',
    isSecret: (found) => /[0-9]/.test(found),
  }),
  format({
    kind: 'aws-secret-key',
    anchors: cases('Secret'),
    shape:
      '[Ss][Ee][Cc][Rr][Ee][Tt][_-]?(?:[Aa][Cc][Cc][Ee][Ss][Ss])?[_-]?[Kk][Ee][Yy][\'"\\s]{0,3}[:=]>?[\'"\\s]{0,3}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])',
    joined: '[Ss][Ee][Cc][Rr][Ee][Tt][_-]?[Aa][Cc][Cc][Ee][Ss][Ss][_-]?[Kk][Ee][Yy][:=]([A-Za-z0-9/+]{40})',
    isSecret: looksRandom,
  }),
  format({
    kind: 'google-api-key',
    anchors: ['AIza'],
    shape: `${apart}AIza[A-Za-z0-9_-]{35}`,
    joined: 'AIza[A-Za-z0-9_-]{35}',
    isApart: true,
  }),
  format({ kind: 'google-oauth', anchors: ['GOCSPX-'], shape: 'GOCSPX-[A-Za-z0-9_-]{28}' }),
  format({ kind: 'google-oauth', anchors: ['ya29.'], reach: 800, shape: 'ya29\\.[A-Za-z0-9_-]{20,500}' }),
  format({
    kind: 'azure-key',
    anchors: ['AccountKey=', 'SharedAccessKey='],
    shape: '(?:Account|SharedAccess)Key=([A-Za-z0-9+/]{43,86}={1,2})',
  }),
  format({
    kind: 'azure-client-secret',
    anchors: DIGITS.flatMap((digit) => before(`${digit}Q~`, [...ALNUM, '_', '~', '.', '-'])),
    lead: 3,
    shape: '[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}',
  }),
  format({
    kind: 'azure-signature',
    anchors: ['sig='],
    shape: '(?<=[?&;])sig=([A-Za-z0-9%+/]{40,90}(?:%3D|%3d|=))',
    joined: 'sig=([A-Za-z0-9%+/]{43}=)',
  }),
  format({ kind: 'azure-devops-token', anchors: ['AZDO'], lead: 76, shape: '[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}' }),
  format({
    kind: 'slack-token',
    anchors: [...before('xox', Array.from('abceoprs')), 'xapp-'],
    shape: `${apart}x(?:ox[abceoprs]|app)-[A-Za-z0-9-]{10,300}`,
    joined: 'x(?:ox[abceoprs]|app)-[0-9][A-Za-z0-9-]{24,80}',
    isSecret: (found) => /[0-9]/.test(found),
    isApart: true,
  }),
  format({
    kind: 'slack-webhook',
    anchors: ['hooks.slack.com/'],
    shape: 'hooks\\.slack\\.com/(?:services|workflows|triggers)/([A-Za-z0-9+/_-]{30,100})',
  }),
  format({
    kind: 'stripe-key',
    anchors: ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'],
    shape: `${apart}[sr]k_(?:live|test)_[A-Za-z0-9]{16,250}`,
    joined: '[sr]k_(?:live|test)_[A-Za-z0-9]{24}',
    isSecret: looksRandom,
    isNoWord: isStrewn,
    isApart: true,
  }),
  format({
    kind: 'webhook-secret',
    anchors: ['whsec_'],
    shape: 'whsec_[A-Za-z0-9+/]{24,100}={0,2}',
    joined: 'whsec_[A-Za-z0-9+/]{32}',
  }),
  format({
    kind: 'anthropic-key',
    anchors: ['sk-ant-'],
    shape: 'sk-ant-[A-Za-z0-9_-]{20,300}',
    joined: 'sk-ant-[A-Za-z0-9_-]{20,110}',
  }),
  format({
    kind: 'openai-key',
    anchors: before('sk-', ALNUM),
    shape: `${apart}sk-(?:(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{20,300}|[A-Za-z0-9]{32,100})`,
    joined: 'sk-(?:(?:proj|svcacct|admin)-[A-Za-z0-9_-]{20,200}|[A-Za-z0-9]{32,48})',
    isSecret: looksRandom,
    isNoWord: isStrewn,
    isApart: true,
  }),
  format({
    kind: 'huggingface-token',
    anchors: before('hf_', ALNUM),
    shape: `${apart}hf_[A-Za-z0-9]{34}`,
    joined: 'hf_[A-Za-z0-9]{34}',
    isNoWord: isStrewn,
    isApart: true,
  }),
  format({ kind: 'sendgrid-key', anchors: before('SG.', ALNUM), shape: 'SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}' }),
  format({ kind: 'digitalocean-token', anchors: ['dop_v1_', 'doo_v1_', 'dor_v1_'], shape: 'do[por]_v1_[0-9a-f]{64}' }),
  format({
    kind: 'shopify-token',
    anchors: ['shpat_', 'shpca_', 'shppa_', 'shpss_'],
    shape: 'shp(?:at|ca|pa|ss)_[0-9A-Fa-f]{32}',
  }),
  format({ kind: 'docker-token', anchors: ['dckr_pat_', 'dckr_oat_'], shape: 'dckr_[po]at_[A-Za-z0-9_-]{27,40}' }),
  format({
    kind: 'vault-token',
    anchors: ['hvs.', 'hvb.'],
    shape: '(?<![A-Za-z0-9])hv[sb]\\.[A-Za-z0-9_-]{24,300}',
    joined: 'hv[sb]\\.[A-Za-z0-9_-]{24,100}',
    isSecret: looksRandom,
  }),
  format({
    kind: 'databricks-token',
    anchors: ['dapi'],
    shape: '(?<![A-Za-z0-9])dapi[0-9a-f]{32}',
    joined: 'dapi[0-9a-f]{32}',
  }),
  format({ kind: 'grafana-token', anchors: ['glsa_', 'glc_'], shape: 'gl(?:sa|c)_[A-Za-z0-9+/=_]{32,400}' }),
  format({ kind: 'rubygems-token', anchors: ['rubygems_'], shape: 'rubygems_[0-9a-f]{48}' }),
  format({ kind: 'atlassian-token', anchors: ['ATATT3', 'ATCTT3'], shape: 'AT[AC]TT3[A-Za-z0-9_=-]{60,300}' }),
  format({
    kind: 'linear-key',
    anchors: ['lin_api_'],
    shape: `${apart}lin_api_[A-Za-z0-9]{40}`,
    joined: 'lin_api_[A-Za-z0-9]{40}',
    isNoWord: isStrewn,
    isApart: true,
  }),
  format({
    kind: 'pulumi-token',
    anchors: before('pul-', Array.from('0123456789abcdef')),
    shape: `${apart}pul-[0-9a-f]{40}`,
    joined: 'pul-[0-9a-f]{40}',
    isApart: true,
  }),
  format({ kind: 'age-key', anchors: ['AGE-SECRET-KEY-1'], shape: 'AGE-SECRET-KEY-1[0-9A-Z]{58}' }),
  format({
    kind: 'jwt',
    reach: 8200,
    atDot: '.eyJ',
    anchors: before('eyJ', [...ALNUM]),
    shape: 'eyJ[A-Za-z0-9_-]{8,2000}\\.eyJ[A-Za-z0-9_-]{8,4000}\\.[A-Za-z0-9_-]{20,2000}',
    joined: 'eyJ[A-Za-z0-9_-]{8,2000}\\.eyJ[A-Za-z0-9_-]{8,4000}\\.[A-Za-z0-9_-]{20,1000}',
  }),
  format({
    kind: 'private-key',
    anchors: ['BEGIN'],
    reach: 12_400,
    lead: 5,
    shape:
      '-----BEGIN(?: ?[A-Z0-9]+){0,3} ?PRIVATE ?KEY(?: ?BLOCK)?-----[^-]{0,8}(?:[A-Za-z0-9+/=:,.()\\s\\\\"\'>|#*-]{64,12000}?-----END[ A-Z0-9]{0,40}-----|[A-Za-z0-9+/=\\s\\\\"\'>|#*-]{64,12000})',
    isNoWord: () => true,
  }),
  format({
    kind: 'private-key',
    anchors: ['Private-Lines:', 'PRIVATE-LINES:'],
    reach: 8200,
    shape: '(?:Private-Lines|PRIVATE-LINES):\\s{0,4}[0-9]{1,3}\\s{1,4}([A-Za-z0-9+/=\\s]{40,8000})',
    joined: '(?:Private-Lines|PRIVATE-LINES):[0-9]{1,3}([A-Za-z0-9+/=]{40,8000})',
    isNoWord: () => true,
  }),
  format({
    kind: 'bearer-token',
    anchors: ['Bearer', 'bearer', 'BEARER'],
    reach: 2200,
    shape: '[Bb](?:earer|EARER)[\\s:]{1,3}([A-Za-z0-9._~+/-]{20,2000}={0,2})',
    joined: '[Bb](?:earer|EARER):?([A-Za-z0-9._~+/-]{32,64})',
    isSecret: looksRandom,
    isNoWord: isStrewn,
  }),
  format({
    kind: 'basic-auth',
    anchors: ['Basic', 'basic', 'BASIC'],
    reach: 800,
    shape:
      '(?<=[Aa]uthorization[\'"]?\\s{0,2}[:=]\\s{0,2}[\'"]?|AUTHORIZATION: )[Bb](?:asic|ASIC)\\s{1,3}([A-Za-z0-9+/_-]{10,600}={0,2})',
    joined: '(?<=[Aa]uthorization:)[Bb]asic([A-Za-z0-9+/_-]{16,200}={0,2})',
  }),
  format({
    kind: 'url-password',
    anchors: before('://', [...ALNUM, ...Array.from('_-.%:~!$&*+=')]),
    shape: `(?<=${SCHEMES})://[^\\s:@/?#"'<>\`,;\\\\]{0,100}:([^\\s@/?#"'<>\`\\\\]{4,200})@(?=[A-Za-z0-9[%_-])`,
    joined: `(?<=${SCHEMES})://[A-Za-z0-9_.-]{0,40}:([A-Za-z0-9_.!~*$%-]{8,64})@`,
    isSecret: isRealPassword,
  }),
]

function format({
  kind,
  anchors,
  shape,
  joined = shape,
  lead = 0,
  reach = USUAL_REACH,
  atDot = '',
  isSecret = () => true,
  isNoWord = isMixed,
  isApart = false,
}: Given): SecretFormat {
  const holds = (found: string) => !isPlaceholder(found) && isSecret(found)
  return {
    kind,
    anchors,
    lead,
    reach,
    atDot,
    shape: new RegExp(shape, 'dy'),
    joined: new RegExp(joined, 'dy'),
    isSecret: holds,
    isNoWord,
    isApart,
  }
}
