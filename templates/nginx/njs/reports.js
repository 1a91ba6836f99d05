// Reports that OHIF saves with the instant link that it was opened with.
import bounds from './bounds.js';
import settings from './settings.js';
import tokens from './tokens.js';
import values from './values.js';

// For nginx: the UID of the one study that the one instant link of a POST names, or nothing. The auth-service checks
// the link; here it only says where the object goes.
function linkedStudy(r) {
    if (r.method !== 'POST' || bounds.refusesLink(r)) {
        return '';
    }
    return studyOfLink(r.rawHeadersIn, r.variables.args || '');
}

function studyOfLink(rawHeaders, args) {
    const given = rawHeaders.filter(function (pair) {
        return settings.tokenHeaders.indexOf(pair[0].toLowerCase()) >= 0 && pair[1] !== '';
    });
    const isAlone = given.length === 1 && tokens.argumentsOf(args).every(function (pair) {
        return pair[0] !== tokens.TOKEN_ARGUMENT;
    });
    const parts = isAlone ? tokens.JWT.exec(given[0][1]) : null;
    if (parts === null || tokens.mayBeUsers(given[0][1], false)) {
        return '';
    }
    const payload = values.parsed(Buffer.from(given[0][1].split('.')[1], 'base64url').toString());
    if (!values.isObject(payload) || payload.type !== 'viewer-instant-link' || !Array.isArray(payload.resources)
        || payload.resources.length !== 1) {
        return '';
    }
    const study = payload.resources[0];
    const isStudy = values.isObject(study) && study.level === 'study';
    return isStudy && values.matches(values.DICOM_UID, study.dicom_uid) ? study.dicom_uid : '';
}

export default { linkedStudy, studyOfLink };
