// SPDX-License-Identifier: MIT
// dial.js HOST PORT - what dial.c measures, by Node.
'use strict';
const net = require('net');

const began = process.hrtime.bigint();
const socket = net.connect({
  host: process.argv[2], port: Number(process.argv[3]), autoSelectFamily: true
});
socket.on('connect', () => {
  console.log((Number(process.hrtime.bigint() - began) / 1e6).toFixed(1));
  socket.destroy();
});
socket.on('error', () => {
  console.log('-');
  process.exitCode = 1;
});
