// The parts of a multipart/related body, read strictly: a body with a second reading is refused.
import files from './files.js';

const TYPE = /^multipart\/related;(.*)(?![\s\S])/i;
const PARAMETER = /^\s*([a-z-]+)=(?:"([^"\\;=]*)"|([^"\s;=]*))\s*(?![\s\S])/i;
const BOUNDARY = /^[A-Za-z0-9'()+_,./:?-]{1,70}(?![\s\S])/;
const PART_TYPE = /^application\/dicom(?:;\s*transfer-syntax=[0-9.*]+)?(?![\s\S])/i;
const HEADERS_END = Buffer.from('\r\n\r\n');
const MOST_HEADERS = 1024;

// The boundary in a Content-Type of DICOM objects; null where it is something else.
function boundaryOf(contentType) {
    const type = TYPE.exec(contentType);
    if (type === null) {
        return null;
    }
    const parameters = type[1].split(';').map(function (text) {
        return PARAMETER.exec(text);
    });
    if (parameters.indexOf(null) >= 0) {
        return null;
    }
    const named = function (name) {
        const found = parameters.filter(function (parameter) {
            return parameter[1].toLowerCase() === name;
        });
        return found.length === 1 ? found[0][2] || found[0][3] || '' : '';
    };
    const boundary = named('boundary');
    return BOUNDARY.test(boundary) && named('type').toLowerCase() === 'application/dicom' ? boundary : null;
}

// The parts, { start, end } each; null where the body is not made as it should, or has more than `most`. The delimiter
// may stand nowhere else: Orthanc looks for it without its line end.
function partsOf(body, boundary, most) {
    const delimiter = Buffer.from('--' + boundary);
    const found = files.find(body, delimiter, most + 1);
    if (found === null || found.length < 2) {
        return null;
    }
    const parts = [];
    for (let i = 0; i < found.length - 1; i++) {
        const part = partAt(body, found[i] + delimiter.length, found[i + 1]);
        if (part === null) {
            return null;
        }
        parts.push(part);
    }
    const last = found[found.length - 1] + delimiter.length;
    const rest = textOf(body, last, body.size - last);
    return startsWell(body, found[0]) && (rest === '--' || rest === '--\r\n') ? parts : null;
}

// At the very beginning, or behind one empty line.
function startsWell(body, position) {
    return position === 0 || (position === 2 && textOf(body, 0, 2) === '\r\n');
}

function partAt(body, start, end) {
    const bytes = files.read(body, start, Math.min(MOST_HEADERS, end - start));
    const length = bytes.indexOf(HEADERS_END);
    if (length < 2 || files.text(bytes.slice(0, 2)) !== '\r\n' || textOf(body, end - 2, 2) !== '\r\n') {
        return null;
    }
    const lines = files.text(bytes.slice(2, length)).split('\r\n').map(function (line) {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    });
    const isDicom = lines.length === 1 && lines[0][0] === 'content-type' && PART_TYPE.test(lines[0][1]);
    return isDicom ? { start: start + length + HEADERS_END.length, end: end - 2 } : null;
}

function textOf(body, position, length) {
    return length > 16 ? '' : files.text(files.read(body, position, length));
}

export default { boundaryOf, partsOf };
