// The answers of the guard.

function answer(r, status, value) {
    r.headersOut['Content-Type'] = 'application/json';
    r.return(status, JSON.stringify(value));
}

function refuse(r, status, reason) {
    // Seen in the access log as well, since a page may not show it.
    r.variables.guard_reason = reason;
    answer(r, status, { Refused: reason });
}

// Refuses other methods than these; true where it did.
function refusesMethod(r, methods) {
    if (methods.indexOf(r.method) >= 0) {
        return false;
    }
    refuse(r, 405, 'the method has to be ' + methods.join(' or '));
    return true;
}

// What Orthanc said.
function handOn(r, reply) {
    r.headersOut['Content-Type'] = reply.headersOut['Content-Type'] || 'application/json';
    r.return(reply.status, reply.responseText);
}

export default { answer, refuse, refusesMethod, handOn };
