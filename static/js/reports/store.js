// Reports on this phone, in IndexedDB: kept until the server has answered that it has them.
const DATABASE = "gridmap-reports";
const REPORTS = "reports";
const KEPT_MS = 24 * 3600 * 1000; // a day: how long a report that was sent is still listed

/**
 * Return the result of a request.
 *
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function resultOf(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @returns {Promise<IDBDatabase>} */
function openDatabase() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(REPORTS, { keyPath: "key", autoIncrement: true });
  return resultOf(request);
}

/**
 * Run a transaction and wait until it is on the disk.
 *
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(reports: IDBObjectStore) => IDBRequest<T>} run
 * @returns {Promise<T>}
 */
async function transact(mode, run) {
  const database = await openDatabase();
  try {
    const transaction = database.transaction(REPORTS, mode, { durability: "strict" });
    const completed = new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(null);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
    const result = await resultOf(run(transaction.objectStore(REPORTS)));
    await completed;
    return result;
  } finally {
    database.close();
  }
}

/**
 * Return the reports of an account, the first one first.
 *
 * @param {number} account
 * @returns {Promise<QueuedReport[]>}
 */
export async function listReports(account) {
  /** @type {QueuedReport[]} */
  const reports = await transact("readonly", (store) => store.getAll());
  return reports.filter((each) => each.account === account);
}

/**
 * Return the reports of all accounts that the server does not have.
 *
 * @returns {Promise<QueuedReport[]>}
 */
export async function listUnsent() {
  /** @type {QueuedReport[]} */
  const reports = await transact("readonly", (store) => store.getAll());
  return reports.filter((each) => each.state !== "sent");
}

/**
 * Store a report and return its key.
 *
 * @param {UnsentReport} report
 * @returns {Promise<number>}
 */
export async function saveReport(report) {
  return Number(await transact("readwrite", (store) => store.put(report)));
}

/** @param {number} key */
export async function deleteReport(key) {
  await transact("readwrite", (store) => store.delete(key));
}

/**
 * Forget the reports that the server has had for a day.
 *
 * @param {number} account
 */
export async function forgetSent(account) {
  const old = (await listReports(account)).filter((each) => each.state === "sent");
  for (const each of old) if (Date.now() - each.changedAt > KEPT_MS) await deleteReport(each.key);
}

/**
 * Let the reports of an account be sent whose question the worker has not answered: their page was closed.
 *
 * @param {number} account
 */
export async function releaseHeld(account) {
  const held = (await listReports(account)).filter((each) => each.state === "held");
  for (const each of held) await saveReport({ ...each, state: "waiting" });
}
