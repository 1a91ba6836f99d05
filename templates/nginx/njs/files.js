// A request's body where nginx wrote it into a file: read by position, never as a whole.
import fs from 'fs';

const BLOCK = 65536;

// What is read of a part: `size` bytes that begin at `start` of the file.
function open(path) {
    const file = fs.openSync(path, 'r');
    return { file: file, size: fs.statSync(path).size, block: Buffer.alloc(BLOCK), blockAt: -1, blockSize: 0 };
}

function close(body) {
    fs.closeSync(body.file);
}

// The bytes at a position; fewer at the end.
function read(body, position, length) {
    if (length > BLOCK) {
        const bytes = Buffer.alloc(length);
        return bytes.slice(0, fs.readSync(body.file, bytes, 0, length, position));
    }
    if (body.blockAt < 0 || position < body.blockAt || position + length > body.blockAt + body.blockSize) {
        body.blockSize = fs.readSync(body.file, body.block, 0, BLOCK, position);
        body.blockAt = position;
    }
    const start = position - body.blockAt;
    return Buffer.from(body.block.slice(start, Math.min(start + length, body.blockSize)));
}

// Bytes as text, one sign for each.
function text(bytes) {
    let signs = '';
    for (let i = 0; i < bytes.length; i++) {
        signs += String.fromCharCode(bytes[i]);
    }
    return signs;
}

// Every position of some bytes; null where there are more than `most`.
function find(body, bytes, most) {
    const found = [];
    const chunk = Buffer.alloc(BLOCK + bytes.length - 1);
    for (let at = 0; at < body.size; at += BLOCK) {
        const size = fs.readSync(body.file, chunk, 0, chunk.length, at);
        const here = chunk.slice(0, size);
        for (let hit = here.indexOf(bytes); hit >= 0; hit = here.indexOf(bytes, hit + 1)) {
            found.push(at + hit);
            if (found.length > most) {
                return null;
            }
        }
    }
    return found;
}

export default { open, close, read, text, find };
