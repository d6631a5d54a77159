/* SPDX-License-Identifier: MIT */
/* What the server says: 192.0.2.7 or 2001:db8::7, valid for 300 s; to what is
   not a question of RFC 8484, status 400. */
const TYPE = 'application/dns-message';

function address(type) {
  return Buffer.from(type == 1 ? 'c0000207' :
                     '20010db8000000000000000000000007', 'hex');
}

/* The length of the question behind the header; names here are not
   compressed. */
function question(b) {
  let at = 12;
  while(b[at])
    at += 1 + b[at];
  return at + 5 - 12;
}

function message(b) {
  const q = b.slice(12, 12 + question(b));
  const type = q.readUInt16BE(q.length - 4);
  const data = address(type);
  const head = Buffer.from('000081800001000100000000', 'hex');
  const record = Buffer.from('c00c000000010000012c0000', 'hex');
  record.writeUInt16BE(type, 2);
  record.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, q, record, data]);
}

/* A POST with id 0, padded. */
function is_right(r) {
  const b = r.requestBuffer;
  return r.method == 'POST' && b && b.length % 128 == 0 &&
         b.readUInt16BE(0) == 0 && r.headersIn['Content-Type'] == TYPE &&
         r.headersIn.Accept == TYPE && !r.headersIn['User-Agent'] &&
         !r.headersIn.Cookie;
}

function give(r, type, body) {
  if(!is_right(r)) {
    r.return(400);
    return;
  }
  r.headersOut['Content-Type'] = type;
  r.headersOut['Set-Cookie'] = 'who=you; Path=/';
  r.return(200, body);
}

function answer(r) {
  give(r, TYPE, message(r.requestBuffer));
}

function late(r) {
  setTimeout(() => answer(r), 300);
}

function never(r) {
  setTimeout(() => answer(r), 100000);
}

/* AAAA is dropped */
function half(r) {
  const b = r.requestBuffer;
  const q = b.slice(12, 12 + question(b));
  if(q.readUInt16BE(q.length - 4) == 28)
    never(r);
  else
    answer(r);
}

function text(r) {
  give(r, 'text/html', message(r.requestBuffer));
}

function parameter(r) {
  give(r, 'Application/DNS-Message; charset=x', message(r.requestBuffer));
}

function untyped(r) {
  give(r, TYPE + 'y', message(r.requestBuffer));
}

function empty(r) {
  give(r, TYPE, '');
}

function filled(r, size) {
  const m = message(r.requestBuffer);
  return Buffer.concat([m, Buffer.alloc(size - m.length)]);
}

function huge(r) {
  give(r, TYPE, filled(r, 65536));
}

function most(r) {
  give(r, TYPE, filled(r, 65535));
}

export default { answer, late, never, half, text, parameter, untyped, empty,
                 huge, most };
