// What JSON values and identifiers are, read strictly.

// `(?![\s\S])` is the end of the text; njs lets `$` match before a last line end as well.
const ORTHANC_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{8}){4}(?![\s\S])/;
const DICOM_UID = /^[0-9.]{1,64}(?![\s\S])/;

function parsed(text) {
    try {
        return JSON.parse(text);
    } catch (e) {
        return undefined;
    }
}

function isObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isGiven(value) {
    return value !== undefined && value !== null;
}

function matches(expression, value) {
    return typeof value === 'string' && expression.test(value);
}

export default { ORTHANC_ID, DICOM_UID, parsed, isObject, isGiven, matches };
