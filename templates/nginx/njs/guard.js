// The guard in nginx: it refuses requests that Orthanc's authorization plugin and the auth-service accept by mistake.
// Written for the njs of Debian 12 (0.7.9) as well as today's: no destructuring, no spreading,
// no `await` among arguments.
// docs/security.md explains each part.
import archives from './archives.js';
import creations from './creations.js';
import jobs from './jobs.js';
import links from './links.js';
import lookups from './lookups.js';
import modifications from './modifications.js';
import remotes from './remotes.js';
import reportUploads from './report_uploads.js';
import requests from './requests.js';
import resourceLists from './resource_lists.js';
import searches from './searches.js';

export default {
    refusesRead: requests.refusesRead,
    refusesWrite: requests.refusesWrite,
    makeLink: links.makeLink,
    lookup: lookups.lookup,
    statistics: lookups.statistics,
    listStudies: lookups.listStudies,
    passListed: resourceLists.passListed,
    passSelected: archives.passSelected,
    modify: modifications.modify,
    create: creations.create,
    search: searches.search,
    showJob: jobs.show,
    askRemote: remotes.ask,
    reportSaver: reportUploads.saver,
    saveReport: reportUploads.save
};
