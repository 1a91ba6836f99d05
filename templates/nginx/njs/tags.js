// The names of DICOM tags, in every spelling that Orthanc reads (DicomPath and DicomTag of 1.12.7 to 1.13.0).
import settings from './settings.js';

// Orthanc hands names on as C strings, which a NUL ends.
const PRINTABLE = /^[ -~]+(?![\s\S])/;
const HEXADECIMAL = /^\(?([0-9A-Fa-f]{4})[-,]?([0-9A-Fa-f]{4})\)?(?![\s\S])/;
const KEYWORD = /^[A-Za-z][A-Za-z0-9_]*(?![\s\S])/;

// Eight hexadecimal digits or a keyword in small letters; '' for a path into sequences, which says nothing of where an
// object is stored; null for what is no name of a tag.
function nameOf(text) {
    if (!PRINTABLE.test(text)) {
        return null;
    }
    if (text.indexOf('.') >= 0) {
        return '';
    }
    const name = text.trim();
    const digits = HEXADECIMAL.exec(name);
    if (digits !== null) {
        return (digits[1] + digits[2]).toUpperCase();
    }
    if (!KEYWORD.test(name)) {
        return null;
    }
    const keyword = name.toLowerCase();
    return Object.prototype.hasOwnProperty.call(settings.identifiers, keyword)
        ? settings.identifiers[keyword].tag : keyword;
}

// What kind of resource a tag identifies, or undefined.
function identifies(name) {
    const keyword = Object.keys(settings.identifiers).filter(function (one) {
        return settings.identifiers[one].tag === name;
    })[0];
    return keyword === undefined ? undefined : settings.identifiers[keyword].kind;
}

// Whether a patient's description in Orthanc's index comes from this tag.
function describesPatient(name) {
    return name.indexOf('0010') === 0 || settings.patientTags.indexOf(name) >= 0;
}

export default { nameOf, identifies, describesPatient };
