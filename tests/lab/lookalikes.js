/* SPDX-License-Identifier: MIT */
/* lookalikes.js - answers in the shapes of the Cloudflare and Telegram APIs,
 * errors included, for nginx with njs. What counts as good:
 *
 *   Cloudflare  token cf-lab-token, account 0123456789abcdef0123456789abcdef;
 *               a token shorter than 12 characters is malformed, as one of
 *               another form is there; cf-lab-expired is known, but expired;
 *               account 00000000000000000000000000000429 is throttled
 *   Telegram    token 123456:lab-token, chats 42 and @lab; chat 429 is
 *               throttled, group -77 has become another
 */

var CF_TOKEN = 'cf-lab-token';
var CF_EXPIRED = 'cf-lab-expired';
var CF_ACCOUNT = '0123456789abcdef0123456789abcdef';
var CF_THROTTLED = '00000000000000000000000000000429';
var TG_TOKEN = '123456:lab-token';
var TG_CHATS = { '42': 'private', '@lab': 'channel', '429': 'private' };
var PAGE_SIZE = 2;

var ZONES = [
  zone('11111111111111111111111111111111', 'example.com', 'active'),
  zone('22222222222222222222222222222222', 'example.net', 'pending'),
  zone('33333333333333333333333333333333', 'xn--bcher-kva.example', 'active')
];

var PREFIXES = [
  { id: '2af39739cc4e3b5910c918468bb89828', cidr: '192.0.2.0/24',
    asn: 64496, description: 'lab, IPv4', approved: 'V', advertised: true,
    on_demand_enabled: true, on_demand_locked: false,
    created_at: '2026-01-01T00:00:00Z', modified_at: '2026-01-02T00:00:00Z' },
  { id: '3bf39739cc4e3b5910c918468bb89828', cidr: '2001:db8::/32',
    asn: 64496, description: 'lab, IPv6', approved: 'P', advertised: null,
    on_demand_enabled: false, on_demand_locked: false,
    created_at: '2026-01-01T00:00:00Z', modified_at: '2026-01-02T00:00:00Z' }
];

function zone(id, name, status) {
  return {
    id: id, name: name, status: status, paused: false, type: 'full',
    development_mode: 0,
    name_servers: ['ada.ns.example', 'bob.ns.example'],
    account: { id: CF_ACCOUNT, name: 'Laboratory' },
    created_on: '2026-01-01T00:00:00Z', modified_on: '2026-01-02T00:00:00Z'
  };
}

function answer(r, status, value) {
  r.headersOut['Content-Type'] = 'application/json';
  r.return(status, JSON.stringify(value));
}

/* -- Cloudflare ----------------------------------------------------------- */

function cfGood(r, result, extra) {
  answer(r, 200, Object.assign({ result: result, success: true, errors: [],
                                 messages: [] }, extra || {}));
}

function cfError(r, status, errors) {
  answer(r, status, { success: false, errors: errors, messages: [],
                      result: null });
}

function cfNoRoute(r) {
  cfError(r, 404, [
    { code: 7003, message: 'Could not route to ' + r.uri +
      ', perhaps your object identifier is invalid?' },
    { code: 7000, message: 'No route for that URI' }
  ]);
}

/* A token of the wrong form is refused before anyone asks whose it is. */
function cfToken(r) {
  var header = r.headersIn['Authorization'] || '';
  var found = header.match(/^Bearer ([A-Za-z0-9_-]{12,})$/);
  if(found)
    return found[1];
  cfError(r, 400, [{
    code: 6003, message: 'Invalid request headers',
    error_chain: [
      { code: 6111, message: 'Invalid format for Authorization header' }
    ]
  }]);
  return null;
}

function cfVerify(r, token) {
  var message = { code: 10000, message: 'This API Token is valid and active',
                  type: null };
  var result = { id: 'ed17574386854bf78a67040be0a770b0', status: 'active' };
  if(token === CF_EXPIRED) {
    result.status = 'expired';
    result.expires_on = '2026-01-01T00:00:00Z';
    message.message = 'This API Token is expired';
  }
  else if(token !== CF_TOKEN) {
    cfError(r, 401, [{ code: 1000, message: 'Invalid API Token' }]);
    return;
  }
  cfGood(r, result, { messages: [message] });
}

function cfZones(r, token) {
  var page = Number(r.args.page || 1);
  var result = ZONES.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
  if(token !== CF_TOKEN) {
    cfError(r, 403, [{ code: 9109, message: 'Invalid access token' }]);
    return;
  }
  cfGood(r, result, { result_info: {
    page: page, per_page: PAGE_SIZE, count: result.length,
    total_count: ZONES.length,
    total_pages: Math.ceil(ZONES.length / PAGE_SIZE)
  } });
}

function cfPrefixes(r, token, account) {
  if(token !== CF_TOKEN || (account !== CF_ACCOUNT && account !== CF_THROTTLED))
    cfError(r, 403, [{ code: 10000, message: 'Authentication error' }]);
  else
    cfGood(r, PREFIXES);
}

function cfGraphqlError(r, message) {
  answer(r, 200, { data: null, errors: [{
    message: message, path: null,
    extensions: { timestamp: new Date().toISOString() }
  }] });
}

function cfGraphql(r, token) {
  var request;
  if(token !== CF_TOKEN) {
    cfError(r, 403, [{ code: 10000, message: 'Authentication error' }]);
    return;
  }
  try {
    request = JSON.parse(r.requestText);
  }
  catch(e) {
    request = null;
  }
  if(!request || typeof request.query !== 'string')
    cfGraphqlError(r, 'request body is not a GraphQL request');
  else if(!/\bviewer\b/.test(request.query))
    cfGraphqlError(r, 'unknown field "' +
                   request.query.replace(/[\s{}]+/g, ' ').trim() + '"');
  else if(/\bpartial\b/.test(request.query))
    answer(r, 200, { data: { viewer: { zones: [] } }, errors: [
      { message: 'cannot request data older than 2678400s',
        path: ['viewer', 'zones', '0'],
        extensions: { timestamp: new Date().toISOString() } }
    ] });
  else
    answer(r, 200, { data: { viewer: { zones: [
      { httpRequests1dGroups: [{ sum: { requests: 1234, bytes: 56789 },
                                 dimensions: { date: '2026-01-01' } }],
        tag: (request.variables || {}).tag || 'none' }
    ] } }, errors: null });
}

function cloudflare(r) {
  var path = r.uri.replace(/^\/client\/v4/, '');
  var token = cfToken(r);
  var account = path.match(/^\/accounts\/([^\/]+)\/addressing\/prefixes$/);
  if(token === null)
    return;
  if(path === '/user/tokens/verify' && r.method === 'GET')
    cfVerify(r, token);
  else if(path === '/zones' && r.method === 'GET')
    cfZones(r, token);
  else if(account && account[1].length === 32 && r.method === 'GET')
    cfPrefixes(r, token, account[1]);
  else if(path === '/graphql' && r.method === 'POST')
    cfGraphql(r, token);
  else
    cfNoRoute(r);
}

/* -- Telegram ------------------------------------------------------------- */

function tgError(r, code, description, parameters) {
  var value = { ok: false, error_code: code, description: description };
  if(parameters)
    value.parameters = parameters;
  answer(r, code, value);
}

function tgMe(r) {
  answer(r, 200, { ok: true, result: {
    id: 123456, is_bot: true, first_name: 'Laboratory Bot',
    username: 'lab_bot', can_join_groups: true,
    can_read_all_group_messages: false, supports_inline_queries: false
  } });
}

/* Parameters come as JSON, as a form or in the query, there as here. */
function tgParameters(r) {
  var type = r.headersIn['Content-Type'] || '';
  if(/^application\/json/.test(type)) {
    try {
      return JSON.parse(r.requestText || '{}') || {};
    }
    catch(e) {
      return null;
    }
  }
  return r.args;
}

function tgSend(r) {
  var p = tgParameters(r);
  if(!p)
    tgError(r, 400, "Bad Request: can't parse JSON object");
  else if(p.chat_id === undefined || p.chat_id === '')
    tgError(r, 400, 'Bad Request: chat_id is empty');
  else if(!p.text)
    tgError(r, 400, 'Bad Request: message text is empty');
  else if(p.text.length > 4096)
    tgError(r, 400, 'Bad Request: message is too long');
  else if(String(p.chat_id) === '-77')
    tgError(r, 400, 'Bad Request: group chat was upgraded to a supergroup ' +
            'chat', { migrate_to_chat_id: -1000000000077 });
  else if(!TG_CHATS[String(p.chat_id)])
    tgError(r, 400, 'Bad Request: chat not found');
  else if(String(p.chat_id) === '429')
    r.internalRedirect('/lookalikes/sent');
  else
    sent(r);
}

function sent(r) {
  var p = tgParameters(r);
  var chat = String(p.chat_id);
  answer(r, 200, { ok: true, result: {
    message_id: 7,
    from: { id: 123456, is_bot: true, first_name: 'Laboratory Bot',
            username: 'lab_bot' },
    chat: chat[0] === '@' ?
      { id: -1000000000042, title: 'Laboratory', username: chat.slice(1),
        type: TG_CHATS[chat] } :
      { id: Number(chat), first_name: 'Ada', type: TG_CHATS[chat] },
    date: 1767225600, text: p.text
  } });
}

function telegram(r) {
  var found = r.uri.match(/^\/bot(\d+:[A-Za-z0-9_-]+)\/(\w+)$/);
  if(!found)
    tgError(r, 404, 'Not Found');
  else if(found[1] !== TG_TOKEN)
    tgError(r, 401, 'Unauthorized');
  else if(found[2].toLowerCase() === 'getme')
    tgMe(r);
  else if(found[2].toLowerCase() === 'sendmessage')
    tgSend(r);
  else
    tgError(r, 404, 'Not Found');
}

/* -- too many requests ---------------------------------------------------- */

function throttled(r) {
  r.headersOut['Retry-After'] = '1';
  if(/^\/bot/.test(r.variables.request_uri))
    tgError(r, 429, 'Too Many Requests: retry after 1', { retry_after: 1 });
  else
    cfError(r, 429, [{ code: 971, message: 'Please wait and consider ' +
                       'throttling your request speed' }]);
}

/* -- answers that make no sense ------------------------------------------- */

function repeat(text, times) {
  return new Array(times + 1).join(text);
}

function hostile(r) {
  var bad = '\u001b]0;owned\u0007\nforged: line\u202e\u009b2J';
  answer(r, 200, {
    success: true, errors: [], messages: [{ message: bad }], ok: true,
    result: { id: bad, status: bad, username: bad, first_name: bad }
  });
}

/* Answers that a program should survive: how => [status, type, body]. */
var BROKEN = {
  html: [502, 'text/html', '<html><h1>502 Bad Gateway</h1></html>\n'],
  empty: [200, 'application/json', ''],
  cut: [200, 'application/json', '{"success":true,"ok":true,"result":{"id'],
  bytes: [200, 'application/octet-stream', '\u0001\u0002\u001b[2J'],
  array: [200, 'application/json', '[1,2,3]'],
  nul: [200, 'application/json', '{"success":true,"result":"\\u0000"}'],
  types: [200, 'application/json',
          '{"success":"yes","ok":"yes","errors":5,"result":7}'],
  inner: [200, 'application/json',
          '{"success":true,"ok":true,"errors":5,"messages":{},"result":7}'],
  entries: [200, 'application/json',
            '{"success":true,"ok":true,"result":[5,null,{"name":7,' +
            '"name_servers":{}},{"name":"a","name_servers":[1,{},[]]}],' +
            '"result_info":[]}'],
  reasons: [400, 'application/json',
            '{"success":false,"ok":false,"errors":[5,{"code":"x"},' +
            '{"message":[],"error_chain":7}],"description":[]}'],
  silent: [403, 'application/json', '{"success":false,"ok":false}'],
  liar: [500, 'application/json',
         '{"success":true,"ok":true,"result":{"id":"1","status":"active"}}'],
  moved: [301, 'text/html', '/client/v4/zones']   /* njs: the Location */
};

function endless(r) {
  cfGood(r, [ZONES[0]], { result_info: { page: Number(r.args.page),
                                         total_pages: 1000000000 } });
}

function limited(r, seconds) {
  r.headersOut['Retry-After'] = seconds;
  answer(r, 429, { success: false, ok: false, error_code: 429,
                   description: 'Too Many Requests', errors: [
                     { code: 971, message: 'Please wait' }
                   ] });
}

function broken(r) {
  var how = r.uri.split('/')[2];
  var fixed = BROKEN[how];
  if(fixed) {
    r.headersOut['Content-Type'] = fixed[1];
    r.return(fixed[0], fixed[2]);
  }
  else if(how === 'hostile')
    hostile(r);
  else if(how === 'deep')
    r.return(200, repeat('{"a":', 100000));
  else if(how === 'huge')
    r.return(200, repeat('0123456789abcdef', 1100000));
  else if(how === 'echo')
    tgError(r, 400, 'you came from ' + r.uri + ' with ' +
            r.headersIn['Authorization']);
  else if(how === 'echocf')
    cfError(r, 400, [{ code: 1, message: 'you came with ' +
                       r.headersIn['Authorization'] }]);
  else if(how === 'echotext')
    r.return(200, r.uri + ' ' + r.headersIn['Authorization']);
  else if(how === 'endless')
    endless(r);
  else if(how === 'slow')
    setTimeout(() => r.return(200, '{}'), 5000);
  else if(how === 'later')
    limited(r, '3600');
  else if(how === 'unheaded')
    tgError(r, 429, 'Too Many Requests: retry after 1', { retry_after: 1 });
  else if(how === 'always')
    limited(r, '1');
  else
    r.return(404, 'no such way to be broken\n');
}

export default { cloudflare, telegram, sent, throttled, broken };
