import { panel } from '../../../rspack.base.mjs';

export default panel(import.meta.url);
