// The identifiers at the head of a DICOM object (PS3.10, PS3.5), read strictly: an object with a second reading is refused.
import files from './files.js';

const IMPLICIT = '1.2.840.10008.1.2';
const DEFLATED = '1.2.840.10008.1.2.1.99';
const BIG_ENDIAN = '1.2.840.10008.1.2.2';
const UNDEFINED = 0xffffffff;
const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;
const DEEPEST = 16;

// The tags that are read, and the last of them.
const NAMES = {
    0x00080016: 'sopClass', 0x00080018: 'instance', 0x00100020: 'patient', 0x0020000d: 'study', 0x0020000e: 'series'
};
const LAST = 0x0020000e;
// Value representations whose length has four bytes behind two that are zero; the others' has two.
const LONG = ['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV'];
const SHORT = [
    'AE', 'AS', 'AT', 'CS', 'DA', 'DS', 'DT', 'FD', 'FL', 'IS', 'LO', 'LT', 'PN', 'SH', 'SL', 'SS', 'ST', 'TM', 'UI', 'UL', 'US'
];
const UID = /^[0-9.]{1,64}(?![\s\S])/;

// { sopClass, instance, patient, study, series } of the object between two positions; throws where it cannot be read.
function identifiersOf(body, start, end) {
    const object = { body: body, end: end };
    if (text(object, start + 128, 4) !== 'DICM') {
        fail('no DICOM file');
    }
    const meta = readMeta(object, start + 132);
    if (meta.syntax === DEFLATED || meta.syntax === BIG_ENDIAN || !UID.test(meta.syntax)) {
        fail('a transfer syntax that is not read here');
    }
    return readDataset(object, meta.end, meta.syntax === IMPLICIT);
}

// The file meta information: its group length tells where it ends, and it has to end there.
function readMeta(object, start) {
    const first = element(object, start, false);
    if (first.tag !== 0x00020000 || first.length !== 4) {
        fail('no group length');
    }
    const end = first.next + numbers(object, first.value, 4).readUInt32LE(0);
    let at = first.next;
    let syntax = '';
    let last = first.tag;
    while (at < end) {
        const one = element(object, at, false);
        if (one.tag <= last || one.tag >= 0x00030000 || one.length === UNDEFINED) {
            fail('file meta information in disorder');
        }
        if (one.tag === 0x00020010) {
            syntax = value(object, one);
        }
        last = one.tag;
        at = one.next;
    }
    if (at !== end) {
        fail('file meta information of another length');
    }
    return { end: end, syntax: syntax };
}

function readDataset(object, start, isImplicit) {
    const found = {};
    let at = start;
    let last = 0x00030000;
    while (at < object.end) {
        const one = element(object, at, isImplicit);
        if (one.tag <= last) {
            fail('elements in disorder');
        }
        if (one.tag > LAST) {
            break;
        }
        if (NAMES[one.tag] !== undefined) {
            found[NAMES[one.tag]] = value(object, one);
        }
        last = one.tag;
        at = one.length === UNDEFINED ? endOfSequence(object, one, isImplicit, 0) : one.next;
    }
    ['sopClass', 'instance', 'study', 'series'].forEach(function (name) {
        if (found[name] === undefined || !UID.test(found[name])) {
            fail('no ' + name);
        }
    });
    found.patient = found.patient || '';
    return found;
}

// One element's head: { tag, vr, length, value (its position), next }.
function element(object, at, isImplicit) {
    const head = numbers(object, at, 8);
    const tag = head.readUInt16LE(0) * 65536 + head.readUInt16LE(2);
    if (isImplicit || tag === ITEM || tag === ITEM_END || tag === SEQUENCE_END) {
        return sized(object, { tag: tag, vr: '', length: head.readUInt32LE(4), value: at + 8 });
    }
    const vr = files.text(head.slice(4, 6));
    if (SHORT.indexOf(vr) >= 0) {
        return sized(object, { tag: tag, vr: vr, length: head.readUInt16LE(6), value: at + 8 });
    }
    if (LONG.indexOf(vr) < 0 || head.readUInt16LE(6) !== 0) {
        fail('an unknown value representation');
    }
    return sized(object, { tag: tag, vr: vr, length: numbers(object, at + 8, 4).readUInt32LE(0), value: at + 12 });
}

function sized(object, one) {
    one.next = one.value + (one.length === UNDEFINED ? 0 : one.length);
    if (one.next > object.end) {
        fail('an element beyond the end');
    }
    return one;
}

// The position behind a sequence of undefined length. One of an unknown representation (UN) is written implicitly.
function endOfSequence(object, sequence, isImplicit, depth) {
    if (depth > DEEPEST || (sequence.vr !== '' && sequence.vr !== 'SQ' && sequence.vr !== 'UN')) {
        fail('a value without length');
    }
    const inner = isImplicit || sequence.vr === 'UN';
    let at = sequence.value;
    for (;;) {
        const item = element(object, at, inner);
        if (item.tag === SEQUENCE_END && item.length === 0) {
            return item.next;
        }
        if (item.tag !== ITEM) {
            fail('no item in a sequence');
        }
        at = item.length === UNDEFINED ? endOfItem(object, item.value, inner, depth) : item.next;
    }
}

function endOfItem(object, start, isImplicit, depth) {
    let at = start;
    for (;;) {
        const one = element(object, at, isImplicit);
        if (one.tag === ITEM_END && one.length === 0) {
            return one.next;
        }
        at = one.length === UNDEFINED ? endOfSequence(object, one, isImplicit, depth + 1) : one.next;
    }
}

// A short value as text, without its padding.
function value(object, one) {
    if (one.length > 256) {
        fail('an identifier too long');
    }
    return text(object, one.value, one.length).replace(/[\u0000 ]+$/, '').replace(/^ +/, '');
}

function text(object, position, length) {
    return length === 0 ? '' : files.text(numbers(object, position, length));
}

function numbers(object, position, length) {
    if (position + length > object.end) {
        fail('a cut object');
    }
    return files.read(object.body, position, length);
}

function fail(reason) {
    throw new Error(reason);
}

export default { identifiersOf };
