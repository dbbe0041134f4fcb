/** A module in a guarded folder, which says nothing of guards. */
export default () => 'plan';
